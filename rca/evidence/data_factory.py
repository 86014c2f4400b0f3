"""Data Factory: the pipeline run and its failed activities, down into the pipelines that it called.

Resource Manager API, version 2018-06-01: learn.microsoft.com/rest/api/datafactory/pipeline-runs and activity-runs.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from rca.domain.evidence import EvidenceItem, EvidenceKind, Note
from rca.domain.failure import Failure, Kind
from rca.domain.times import iso
from rca.domain.vocabulary import Source
from rca.evidence import credentials, reading
from rca.evidence.credentials import Headers
from rca.evidence.errors import RefusedError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline, Tools
from rca.evidence.settings import EvidenceSettings

NAME: Final = "data_factory"
_VERSION: Final = {"api-version": "2018-06-01"}
_MOST_PAGES: Final = 10
_MOST_ACTIVITIES: Final = 10
_MOST_RUNS: Final = 4
_LONGEST: Final = 64_000
_MARGIN: Final = timedelta(hours=1)
_RUN_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FAILED: Final = ("Failed", "TimedOut", "Cancelled")
_OUTER: Final = frozenset({"executepipeline", "foreach", "ifcondition", "switch", "until"})
"""Activities that only pass on the error of what they contain."""


class DataFactory:
    """Asks the listed factories, and no other, about pipeline runs."""

    name = NAME

    def __init__(self, address: str, factories: tuple[str, ...], headers: Headers, tools: Tools) -> None:
        self._address = address
        self._factories = factories
        self._headers = headers
        self._http = Http([address], tools)

    def applies(self, failure: Failure) -> bool:
        """Whether it is a pipeline run of Data Factory; Synapse has another API."""
        return (
            failure.source is Source.ADF
            and failure.kind is Kind.RUN
            and failure.identity == f"run:{failure.run_id}"
            and _RUN_ID.fullmatch(failure.run_id) is not None
            and "microsoft.synapse" not in failure.labels.get("resource_id", "").lower()
        )

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        """Yield the errors of failed activities, innermost run first known, and the runs themselves."""
        factory = self._factory(failure)
        runs, seen = deque([failure.run_id]), {failure.run_id.lower()}
        outer: list[EvidenceItem] = []
        found = False
        while runs:
            if len(seen) > _MOST_RUNS:
                yield Note("more pipelines were called than were looked at")
                break
            run_id = runs.popleft()
            run = reading.mapping(self._get(f"{factory}/pipelineruns/{run_id}", deadline))
            activities, cut = self._activities(factory, run_id, run, failure, deadline)
            if cut:
                yield Note(f"run {run_id} has more failed activities than were read")
            outer.append(_summary(run, run_id))
            for activity in sorted(activities, key=_ended)[:_MOST_ACTIVITIES]:
                item = _told(activity)
                if not _is_outer(activity):
                    found = True
                    yield item
                    continue
                outer.append(item)
                called = reading.first(activity, "output.pipelineRunId") or ""
                if _RUN_ID.fullmatch(called) and called.lower() not in seen:
                    seen.add(called.lower())
                    runs.append(called)
        for item in outer:
            activity_alone = not found and item.kind is EvidenceKind.EVENT
            yield replace(item, kind=EvidenceKind.ERROR) if activity_alone else item

    def _factory(self, failure: Failure) -> str:
        """Return the listed factory that the failure names; raises RefusedError where it is not listed."""
        named = failure.labels.get("resource_id", "").lower()
        name = failure.labels.get("factory", "").lower()
        known = [factory for factory in self._factories if factory.lower() == named]
        known = known or [factory for factory in self._factories if factory.lower().endswith(f"/{name}")]
        if not name and not named:
            known = list(self._factories)
        if len(known) == 1:
            return known[0]
        told = f"the factory {name or named or 'of the run is not named and'}"
        raise RefusedError(f"{told} can't be told from ADF_RESOURCE_IDS")

    def _activities(
        self, factory: str, run_id: str, run: Mapping[str, object], failure: Failure, deadline: Deadline
    ) -> tuple[list[Mapping[str, object]], bool]:
        """Return the failed activities of a run, and whether some were left out."""
        started = reading.moment(run.get("runStart")) or failure.occurred_at - timedelta(days=1)
        ended = reading.moment(run.get("lastUpdated")) or reading.moment(run.get("runEnd"))
        body: dict[str, object] = {
            "lastUpdatedAfter": iso(started - _MARGIN),
            "lastUpdatedBefore": iso((ended or failure.occurred_at) + _MARGIN),
            "filters": [{"operand": "Status", "operator": "In", "values": list(_FAILED)}],
        }
        found: list[Mapping[str, object]] = []
        for _ in range(_MOST_PAGES):
            path = f"{factory}/pipelineruns/{run_id}/queryActivityruns"
            page = self._post(path, body, deadline)
            found += map(reading.mapping, reading.items(reading.at(page, "value")))
            token = reading.first(page, "continuationToken")
            if token is None:
                return found, len(found) > _MOST_ACTIVITIES
            body = {**body, "continuationToken": token}
        return found, True

    def _get(self, path: str, deadline: Deadline) -> object:
        request = Request(url=self._address + path, params=_VERSION, headers=self._headers())
        return self._http.json(request, deadline)

    def _post(self, path: str, body: object, deadline: Deadline) -> object:
        return self._http.json(
            Request(
                url=self._address + path, method="POST", params=_VERSION, headers=self._headers(), body=body
            ),
            deadline,
        )


def _is_outer(activity: Mapping[str, object]) -> bool:
    return (reading.first(activity, "activityType") or "").lower() in _OUTER


def _ended(activity: Mapping[str, object]) -> datetime:
    ended = reading.moment(activity.get("activityRunEnd"))
    return ended or datetime.max.replace(tzinfo=UTC)


def _told(activity: Mapping[str, object]) -> EvidenceItem:
    name = reading.first(activity, "activityName") or "unnamed"
    message = reading.first(activity, "error.message") or f"Activity {name} ended without a message."
    told = reading.facts(
        (
            ("failure type", reading.at(activity, "error.failureType")),
            ("activity type", activity.get("activityType")),
            ("pipeline", activity.get("pipelineName")),
            ("status", activity.get("status")),
            ("retry attempt", activity.get("retryAttempt")),
            ("duration in ms", activity.get("durationInMs")),
            ("linked service", activity.get("linkedServiceName")),
            ("integration runtime", reading.at(activity, "output.effectiveIntegrationRuntime")),
            ("details", _details(activity)),
        )
    )
    return EvidenceItem(
        adapter=NAME,
        kind=EvidenceKind.EVENT if _is_outer(activity) else EvidenceKind.ERROR,
        title=f"Error of activity {name}",
        text=f"{reading.first_words(message, _LONGEST)}\n{told}",
        at=reading.moment(activity.get("activityRunEnd")),
        link=reading.first(activity, "output.runPageUrl"),
        code=reading.first(activity, "error.errorCode"),
    )


def _details(activity: Mapping[str, object]) -> str | None:
    details = reading.at(activity, "error.details")
    return reading.first_words(json.dumps(details, sort_keys=True), 8_000) if details else None


def _summary(run: Mapping[str, object], run_id: str) -> EvidenceItem:
    parameters = reading.mapping(run.get("parameters"))
    return EvidenceItem(
        adapter=NAME,
        kind=EvidenceKind.RUN,
        title=f"Pipeline run {run_id}",
        text=reading.facts(
            (
                ("pipeline", run.get("pipelineName")),
                ("status", run.get("status")),
                ("message", reading.first_words(reading.first(run, "message") or "", _LONGEST)),
                ("started by", reading.at(run, "invokedBy.name")),
                ("kind of trigger", reading.at(run, "invokedBy.invokedByType")),
                ("duration in ms", run.get("durationInMs")),
                ("run group", run.get("runGroupId")),
                # Their values may be secrets that no pattern knows; their names tell enough.
                ("parameters", ", ".join(sorted(parameters))),
            )
        ),
        at=reading.moment(run.get("runStart")),
    )


def build(settings: EvidenceSettings, tools: Tools) -> DataFactory | None:
    """Build the adapter where ADF_RESOURCE_IDS is set."""
    if not settings.adf_resource_ids:
        return None
    address = settings.azure_management_url
    scope = f"{address}/.default"
    return DataFactory(
        address, settings.adf_resource_ids, credentials.entra(tools.tokens, scope, address), tools
    )
