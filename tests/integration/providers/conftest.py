"""A loopback server a test and both dialects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rca.analysis.providers.port import Provider
from tests.integration.providers.dialects import Dialect, GeminiDialect, OpenAiDialect
from tests.integration.providers.loopback import Loopback, serving


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as running:
        yield running


@pytest.fixture(params=[GeminiDialect, OpenAiDialect], ids=["gemini", "openai"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    made: Dialect = request.param()
    return made


@pytest.fixture
def provider(server: Loopback, dialect: Dialect) -> Provider:
    return dialect.provider(server.url)
