"""Where the matcher and the rules take `Entry` from; the checks of the data files are in `form`."""

from rca.catalog.entry import CatalogError, Entry, Example

__all__ = ["CatalogError", "Entry", "Example"]
