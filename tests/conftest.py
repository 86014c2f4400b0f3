"""One Azurite a test worker; every test has a prefix of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from localhost.azurite import Azurite
from tests.support.world import World

# A busy machine may take longer over an example than usual; that is no finding.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


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
