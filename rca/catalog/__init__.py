"""What is known of each error type: data files, their schema, and the matcher that reads failures by them.

Nothing is read at import; the first call of `catalog()` loads the files once.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rca.catalog.matcher import Catalog


@cache
def catalog() -> Catalog:
    """Return the built-in catalog, loaded on first use. Raises `CatalogError` naming file, entry and field."""
    from rca.catalog.loader import load_directory
    from rca.catalog.matcher import Catalog

    return Catalog(load_directory())
