"""Stages for the tests: one each, or one with a running host for a whole module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localhost.azurite import Azurite
from localhost.process import HostProcess
from tests.integration.localhost.stage import Stage, make_stage


@pytest.fixture
def stage(tmp_path: Path, azurite: Azurite) -> Stage:
    """A fresh copy of the test app."""
    return make_stage(tmp_path, azurite.connection_string)


@pytest.fixture(scope="module")
def shared_stage(tmp_path_factory: pytest.TempPathFactory, azurite: Azurite) -> Stage:
    """The test app that the whole module uses."""
    return make_stage(tmp_path_factory.mktemp("shared"), azurite.connection_string)


@pytest.fixture(scope="module")
def shared_host(shared_stage: Stage) -> Iterator[HostProcess]:
    """A host that the whole module uses."""
    with shared_stage.host() as host:
        yield host
