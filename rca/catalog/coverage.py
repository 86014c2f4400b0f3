"""Compares the catalog with published lists of codes, exceptions and alerts; `reference/` holds the lists."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rca.catalog.entry import CatalogError, Entry
from rca.catalog.files import REFERENCE
from rca.catalog.loader import first_fault, parse

_SHARED = "general"

type Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class Reference(BaseModel):
    """One published list: what it names, whose entries should know it, where and when it was read."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=3, max_length=120)]
    source: Annotated[str, Field(min_length=8, max_length=500)]
    checked: datetime.date
    sign: Literal["code", "exception", "alert"]
    group: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    names: Annotated[tuple[Name, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one list the catalog knows."""

    reference: Reference
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many different names the list has."""
        return len(set(self.reference.names))

    @property
    def known(self) -> int:
        """How many of them the catalog recognises."""
        return self.total - len(self.missing)

    @property
    def percent(self) -> float:
        """Known names of a hundred."""
        return 100 * self.known / self.total


def references(directory: Path = REFERENCE) -> tuple[Reference, ...]:
    """Read every list of a directory. Raises `CatalogError` naming file, list and field."""
    return tuple(
        _reference(path, number, item)
        for path in sorted(directory.glob("*.yaml"))
        for number, item in enumerate(parse(path), start=1)
    )


def coverage(entries: Iterable[Entry], lists: Iterable[Reference]) -> list[Coverage]:
    """Tell of each list which names are neither a code nor an exception of its group or of `general`."""
    signs: dict[str, set[str]] = {}
    for entry in entries:
        # Codes are looked up in lower case, classes as they are written.
        signs.setdefault(entry.group, set()).update(map(str.lower, entry.codes), entry.exceptions)
    return [_covered(each, signs.get(each.group, set()) | signs.get(_SHARED, set())) for each in lists]


def _covered(reference: Reference, known: set[str]) -> Coverage:
    missing = sorted(
        {name for name in reference.names if known.isdisjoint((name.lower(), name, _simple(name)))}
    )
    return Coverage(reference, tuple(missing))


def _simple(name: str) -> str:
    """Cut a class to its name without package, by which the matcher knows it too."""
    return name.rsplit(".", 1)[-1].rsplit("$", 1)[-1]


def _reference(path: Path, number: int, item: object) -> Reference:
    try:
        return Reference.model_validate(item)
    except ValidationError as error:
        name = item.get("name", "?") if isinstance(item, dict) else "?"
        raise CatalogError(f"reference/{path.name}", f"{name} (#{number})", *first_fault(error)) from error
