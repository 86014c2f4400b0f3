"""What is known of each error type: data files, their form, and the matcher that reads failures by them.

Nothing is read at import; the first call of `catalog()` loads it once, from the compiled file where that is made of
the data files as they are, else from the data files.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rca.catalog.matcher import Catalog


@cache
def catalog() -> Catalog:
    """Return the built-in catalog, loaded on first use. Raises `CatalogError` naming file, entry and field."""
    from rca.catalog import compiled
    from rca.catalog.likeness import by_words
    from rca.catalog.matcher import Catalog

    if index := compiled.read():
        return Catalog(index, by_words)
    from rca.catalog.loader import load_directory

    return Catalog(load_directory(), by_words)
