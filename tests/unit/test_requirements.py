import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CARD = {
    "azure-functions",
    "azure-data-tables",
    "azure-storage-blob",
    "azure-identity",
    "azure-keyvault-secrets",
    "google-generativeai",
    "requests",
    "pydantic",
    "slack-sdk",
}


def read(name):
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("-r ")]
    return {canonicalize_name(each.name): each for each in found}


def pins(name):
    return {package: re.fullmatch(r"==(.+)", str(each.specifier))[1] for package, each in read(name).items()}


def imported(*folders):
    files = [
        ROOT / "function_app.py",
        *(file for folder in folders for file in (ROOT / folder).rglob("*.py")),
    ]
    for file in files:
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module


def test_the_app_needs_what_the_card_names():
    assert read("requirements.in").keys() >= CARD


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.lock")],
)
def test_the_lock_is_in_step_with_what_is_wanted(wanted, lock):
    pinned = pins(lock)
    for package, requirement in read(wanted).items():
        assert pinned[package] in requirement.specifier, f"run scripts/lock: {package}"


def test_tests_run_on_the_versions_that_azure_installs():
    assert pins("requirements.txt").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.lock", "package-lock.json"])
def test_no_lock_names_a_place(name):
    assert not re.findall(
        r'"resolved"|file:|https?://\S*(?:\.whl|\.tgz|\.tar\.gz|/simple)', (ROOT / name).read_text()
    )


def test_the_app_imports_nothing_that_azure_does_not_install():
    ours = {"rca", "blueprints"}
    homes = packages_distributions()
    wanted = read("requirements.in").keys()
    foreign = {
        module
        for module in imported("rca", "blueprints")
        if (top := module.partition(".")[0]) not in sys.stdlib_module_names | ours | {"azure", "google"}
        and not wanted & {canonicalize_name(home) for home in homes.get(top, [top])}
    }
    assert not foreign
