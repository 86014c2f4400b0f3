"""App settings: local.settings.json into the environment, `%NAME%` expressions, storage connections."""

import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from localhost.errors import HostError, UsageError
from localhost.jsonfile import Json, read_object

LOCAL_SETTINGS = "local.settings.json"
EXAMPLE = "local.settings.json.example"
RANDOM = "<random>"
EMULATOR = "UseDevelopmentStorage=true"
STORAGE_SETTINGS = ("AzureWebJobsStorage", "DataStorage")
EXPRESSION = re.compile(r"%([^%]+)%")


def ensure_local_settings(app: Path) -> bool:
    """Write local.settings.json from its example with fresh secrets, if it is missing; True if written."""
    target, example = app / LOCAL_SETTINGS, app / EXAMPLE
    if target.exists() or not example.exists():
        return False
    filled = json.dumps(_fill(read_object(example)), indent=2) + "\n"
    with tempfile.NamedTemporaryFile("w", dir=app, prefix=".settings-", delete=False) as file:
        file.write(filled)
    try:
        os.link(file.name, target)  # of two hosts that start at once, the first wins and no half file shows
    except FileExistsError:
        return False
    finally:
        os.unlink(file.name)
    return True


def load_local_settings(app: Path, environ: MutableMapping[str, str]) -> None:
    """Put "Values" of local.settings.json into `environ`; what is set already wins, as with Core Tools."""
    path = app / LOCAL_SETTINGS
    if not path.exists():
        return
    values = read_object(path).get("Values", {})
    if not isinstance(values, dict):
        raise UsageError(f'{path}: "Values" must be an object')
    for name, value in values.items():
        if isinstance(value, dict | list) or value is None:
            raise UsageError(f'{path}: "Values.{name}" must be a string')
        environ.setdefault(name, value if isinstance(value, str) else json.dumps(value))


def emulated(environ: Mapping[str, str]) -> list[str]:
    """Names of the settings that stand for the local storage emulator."""
    unset = [name for name in STORAGE_SETTINGS if not environ.get(name)]
    return unset + [name for name, value in environ.items() if value.strip().rstrip(";") == EMULATOR]


def resolve(text: str, environ: Mapping[str, str], where: str) -> str:
    """Replace `%NAME%` by settings; an unset or empty one is a HostError, as it stops the real host."""

    def value(match: re.Match[str]) -> str:
        if found := environ.get(match[1]):
            return found
        raise HostError(f"{where}: '%{match[1]}%' does not resolve to a value: set it in {LOCAL_SETTINGS}")

    return EXPRESSION.sub(value, text)


def connection(name: str, environ: Mapping[str, str], where: str) -> str:
    """Look up the storage connection string that a binding's `connection` names."""
    setting = name or "AzureWebJobsStorage"
    value = environ.get(f"AzureWebJobs{setting}") or environ.get(setting)
    if not value:
        raise HostError(f"{where}: storage connection '{setting}' is not set in {LOCAL_SETTINGS}")
    return value


def _fill(node: Json) -> Json:
    if isinstance(node, dict):
        return {key: _fill(value) for key, value in node.items()}
    if isinstance(node, str):
        return re.sub(re.escape(RANDOM), lambda _: secrets.token_urlsafe(32), node)
    return node
