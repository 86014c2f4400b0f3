"""Two sites for a whole run: one that replayed all samples and is only read, one for requests of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localhost.azurite import Azurite
from tests.e2e.replayed import Replayed, replay
from tests.e2e.support import Client, Site
from tests.support.proxy import Proxy


@pytest.fixture
def new_site(azurite: Azurite, tmp_path: Path) -> Callable[[], Site]:
    """Makes fresh instances on the worker's storage account."""
    made: list[Site] = []

    def make() -> Site:
        folder = tmp_path / f"site-{len(made)}"
        folder.mkdir()
        made.append(Site(azurite.connection_string, folder))
        return made[-1]

    return make


@pytest.fixture(scope="session")
def replayed(azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    """A site that took all samples and came to rest; tests of it share the xdist group `replayed`."""
    with Proxy(azurite.ports, record=True) as proxy:
        site = Site(
            proxy.connection_string, tmp_path_factory.mktemp("replayed"), direct=azurite.connection_string
        )
        with site.host() as host, site.client(host) as client:
            client.sign_in()
            yield replay(site, client, proxy)


@pytest.fixture(scope="session")
def busy_site(azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site for requests of every kind; tests of it share the xdist group `busy`."""
    return Site(azurite.connection_string, tmp_path_factory.mktemp("busy"))


@pytest.fixture(scope="session")
def client(busy_site: Site) -> Iterator[Client]:
    """A signed-in client of the host of `busy_site`."""
    with busy_site.host() as host, busy_site.client(host) as client:
        client.sign_in()
        yield client
