"""Reads the data files of the catalog and checks them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from rca.catalog.entry import CatalogError, Entry
from rca.catalog.files import DATA, data_files
from rca.catalog.form import EntryForm

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times as fast."""


def load_directory(directory: Path = DATA) -> tuple[Entry, ...]:
    """Load every data file of a directory in alphabetical order. Raises `CatalogError`."""
    return tuple(entry for path in data_files(directory) for entry in load_file(path))


def load_file(path: Path) -> tuple[Entry, ...]:
    """Load one data file: a list of entries. Raises `CatalogError` naming file, entry and field."""
    entries, problems = examine(path)
    if problems:
        raise problems[0]
    return entries


def examine(path: Path) -> tuple[tuple[Entry, ...], tuple[CatalogError, ...]]:
    """Return the entries of a data file that are right, and all that is wrong in it."""
    try:
        document = parse(path)
    except CatalogError as error:
        return (), (error,)
    entries: list[Entry] = []
    problems: list[CatalogError] = []
    for number, item in enumerate(document, start=1):
        try:
            entries.append(_entry(path, number, item))
        except CatalogError as error:
            problems.append(error)
    problems += _repeated(path.name, entries)
    return tuple(entries), tuple(problems)


def parse(path: Path) -> list[Any]:
    """Parse a YAML file that must hold a list. Raises `CatalogError`."""
    try:
        document = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise CatalogError(path.name, "?", "?", f"is not valid YAML: {error}") from error
    if not isinstance(document, list):
        raise CatalogError(path.name, "?", "?", "must be a list of entries")
    return document


def first_fault(error: ValidationError) -> tuple[str, str]:
    """Return the field that pydantic names first, and what is wrong with it."""
    first = error.errors(include_url=False, include_input=False)[0]
    return ".".join(str(part) for part in first["loc"]) or "(the whole entry)", first["msg"]


def _entry(path: Path, number: int, item: Any) -> Entry:
    if not isinstance(item, dict):
        raise CatalogError(path.name, f"#{number}", "?", "must be a mapping of fields")
    name = f"{item.get('error_type', '?')} (#{number})"
    try:
        return EntryForm.model_validate({**item, "group": path.stem}).entry()
    except ValidationError as error:
        raise CatalogError(path.name, name, *first_fault(error)) from error


def _repeated(file: str, entries: list[Entry]) -> Iterator[CatalogError]:
    types: set[str] = set()
    codes: dict[str, str] = {}
    for entry in entries:
        if entry.error_type in types:
            yield CatalogError(file, entry.error_type, "error_type", "stands in the file twice")
        types.add(entry.error_type)
        for code in entry.codes:
            other = codes.setdefault(code.lower(), entry.error_type)
            if other != entry.error_type:
                yield CatalogError(file, entry.error_type, "codes", f"{code} belongs to {other} already")
