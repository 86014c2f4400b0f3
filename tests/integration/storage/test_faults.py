"""What operators are told of storage that is not set up."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from localhost.azurite import Azurite
from rca.errors import NotConfiguredError
from rca.settings import Settings
from rca.wiring import App
from tests.support.world import AUDIT_SECRET, SESSION_SECRET


def app(connection: str, prefix: str) -> App:
    return App(
        Settings(
            data_storage=SecretStr(connection),
            storage_prefix=prefix,
            audit_secret=SecretStr(AUDIT_SECRET),
            session_secret=SecretStr(SESSION_SECRET),
        )
    )


def test_what_prepare_makes_is_asked_for_by_name(azurite: Azurite) -> None:
    bare = app(azurite.connection_string, "neverprepared")
    with pytest.raises(NotConfiguredError, match="rca prepare"):
        bare.queues.depth("alerts")
    with pytest.raises(NotConfiguredError, match="rca prepare"):
        bare.links.put("run", "r-1", "t-1")
    with pytest.raises(NotConfiguredError, match="rca prepare"):
        bare.payloads.put("x.json", b"{}")
    states = bare.health()
    assert "rca prepare" in states["queues"]


def test_a_refused_key_is_told_without_being_shown(azurite: Azurite) -> None:
    wrong = "d3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3Jvbmc="
    parts = dict(part.partition("=")[::2] for part in azurite.connection_string.split(";") if part)
    connection = ";".join(
        f"{name}={wrong if name == 'AccountKey' else value}" for name, value in parts.items()
    )
    with pytest.raises(NotConfiguredError, match="refused us with 403") as error:
        app(connection, "refused").queues.depth("alerts")
    assert wrong not in str(error.value)
