"""One Azurite a test worker; every test has a prefix of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localhost.azurite import Azurite
from tests.support.world import World


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """A storage account in memory."""
    with Azurite(in_memory=True) as running:
        yield running


@pytest.fixture
def world(azurite: Azurite) -> Iterator[World]:
    """The application in this process over fresh tables."""
    made = World(azurite.connection_string)
    yield made
    made.close()
