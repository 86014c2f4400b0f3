"""Where the catalog's files are, and digests that tell whether the compiled one is made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
DATA: Final = _HERE / "data"
COMPILED: Final = _HERE / "compiled.jsonl"
REFERENCE: Final = _HERE / "reference"
_CODE: Final = ("anchors.py", "entry.py", "expressions.py", "form.py", "index.py", "needs.py")
"""What else decides how a compiled entry looks: how expressions are measured and filed, which fields there are."""


def data_files(directory: Path = DATA) -> list[Path]:
    """List the data files in alphabetical order."""
    return sorted(directory.glob("*.yaml"))


def digests(directory: Path = DATA) -> dict[str, str]:
    """Return the SHA-256 of each file that the compiled catalog is made of, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _ingredients(directory)}


def _ingredients(directory: Path) -> Iterator[Path]:
    yield from data_files(directory)
    yield from (_HERE / name for name in _CODE)
