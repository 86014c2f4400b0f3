"""Reads the data files of the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from rca.catalog.schema import CatalogError, Entry

DATA: Final = Path(__file__).parent / "data"
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times as fast."""


def load_directory(directory: Path = DATA) -> tuple[Entry, ...]:
    """Load every data file of a directory in alphabetical order. Raises `CatalogError`."""
    return tuple(entry for path in sorted(directory.glob("*.yaml")) for entry in load_file(path))


def load_file(path: Path) -> tuple[Entry, ...]:
    """Load one data file: a list of entries. Raises `CatalogError` naming file, entry and field."""
    try:
        document = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise CatalogError(path.name, "?", "?", f"is not valid YAML: {error}") from error
    if not isinstance(document, list):
        raise CatalogError(path.name, "?", "?", "must be a list of entries")
    entries = tuple(_entry(path, number, item) for number, item in enumerate(document, start=1))
    _check_unique(path.name, entries)
    return entries


def _entry(path: Path, number: int, item: Any) -> Entry:
    if not isinstance(item, dict):
        raise CatalogError(path.name, f"#{number}", "?", "must be a mapping of fields")
    name = f"{item.get('error_type', '?')} (#{number})"
    try:
        return Entry.model_validate({**item, "group": path.stem})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "(the whole entry)"
        raise CatalogError(path.name, name, field, first["msg"]) from error


def _check_unique(file: str, entries: tuple[Entry, ...]) -> None:
    types: set[str] = set()
    codes: dict[str, str] = {}
    for entry in entries:
        if entry.error_type in types:
            raise CatalogError(file, entry.error_type, "error_type", "stands in the file twice")
        types.add(entry.error_type)
        for code in entry.codes:
            other = codes.setdefault(code.lower(), entry.error_type)
            if other != entry.error_type:
                raise CatalogError(file, entry.error_type, "codes", f"{code} belongs to {other} already")
