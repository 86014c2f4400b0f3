"""All adapters, in the order in which their evidence stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rca.evidence import airflow, data_factory, databricks, loki, prometheus
from rca.evidence.gather import Gather
from rca.evidence.identity import EntraTokens
from rca.evidence.ports import Enricher, Tools
from rca.evidence.settings import EvidenceSettings

type _Build = Callable[[EvidenceSettings, Tools], Enricher | None]


_ADAPTERS: Final[tuple[_Build, ...]] = (
    databricks.build,
    data_factory.build,
    airflow.build,
    prometheus.build,
    loki.build,
)


def build(settings: EvidenceSettings, tools: Tools | None = None) -> list[Enricher]:
    """Build the adapters whose settings are there; raises QueriesError where the queries' file is unusable."""
    tools = tools or tools_of(settings)
    built = (make(settings, tools) for make in _ADAPTERS)
    return [adapter for adapter in built if adapter is not None]


def gatherer(settings: EvidenceSettings, tools: Tools | None = None) -> Gather:
    """Build what gathers evidence by all adapters."""
    tools = tools or tools_of(settings)
    return Gather(build(settings, tools), settings.budget_seconds, tools.monotonic)


def tools_of(settings: EvidenceSettings) -> Tools:
    """Return the real clock and the app's identity."""
    return Tools(tokens=EntraTokens(settings.azure_client_id))
