"""The catalog without its weighing of words: what codes, exceptions and phrases say by themselves."""

from __future__ import annotations

from functools import cache

from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog


@cache
def signs() -> Catalog:
    return Catalog(load_directory())
