"""Airflow: the log of the try that failed, from the REST API v1 (Airflow 2) or v2 (Airflow 3).

v2: POST /auth/token gives a JWT, logs are a JSON list of records with a continuation token. v1: basic
authentication; its JSON form of logs is Python source, so the plain text is asked for. Ids go URL-encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rca.domain.evidence import EvidenceItem, EvidenceKind, Note
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import RcaError
from rca.evidence import airflow_logs, reading
from rca.evidence.addresses import origin, segment
from rca.evidence.airflow_access import Access
from rca.evidence.errors import AnswerError, EvidenceError, OversizeError, RefusedError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline, LateError, Tools
from rca.evidence.settings import EvidenceSettings

NAME: Final = "airflow"
type Version = Literal["v1", "v2"]
_MOST_TASKS: Final = 3
_NOT_THERE: Final = frozenset({400, 404, 405})
"""How an Airflow answers, besides a redirect or a page, where it does not have that version of the API."""
_MOST_PAGES: Final = 20
_TAIL_BYTES: Final = 131_072


@dataclass(frozen=True, slots=True)
class _Try:
    """One try of one task instance."""

    task: str
    map_index: str
    number: str


class Airflow:
    """Asks one Airflow about its task and dag runs."""

    name = NAME

    def __init__(
        self,
        address: str,
        access: Access,
        http: Http,
        *,
        version: Version | None = None,
        instance: str | None = None,
    ) -> None:
        self._address = address
        self._access = access
        self._http = http
        self._version = version
        self._instances = {"default", origin(address).partition("://")[2], _host(address), instance}

    def applies(self, failure: Failure) -> bool:
        """Whether it is a run of Airflow that names its dag."""
        return failure.source is Source.AIRFLOW and bool(failure.labels.get("dag_id"))

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        """Yield the error and the end of the log of the failed try; of a dag run, of its first failed tasks."""
        instance = failure.labels.get("instance", "default")
        if instance not in self._instances:
            raise RefusedError(
                f"the run is of the Airflow {instance}; set AIRFLOW_INSTANCE to it if AIRFLOW_URL is its address"
            )
        versions = self._versions(failure)
        for version in versions[:-1]:
            try:
                tries = self._tries(version, failure, deadline)
            except EvidenceError as error:
                if isinstance(error, AnswerError) and error.code not in _NOT_THERE:
                    raise
                continue
            yield from self._told(version, tries, failure, deadline)
            return
        yield from self._told(versions[-1], self._tries(versions[-1], failure, deadline), failure, deadline)

    def _versions(self, failure: Failure) -> tuple[Version, ...]:
        if self._version:
            return (self._version,)
        told = failure.labels.get("airflow_version", "").partition(".")[0]
        if told.isdigit():
            return ("v1",) if int(told) < 3 else ("v2",)
        return ("v2", "v1")

    def _tries(self, version: Version, failure: Failure, deadline: Deadline) -> list[_Try]:
        """Return which tries to read. Asks the server even where the alert tells, so as to know its version."""
        labels = failure.labels
        task, index = labels.get("task_id"), labels.get("map_index", "-1")
        runs = (
            f"/api/{version}/dags/{segment(labels['dag_id'])}/dagRuns/{segment(failure.run_id)}/taskInstances"
        )
        if task is None:
            path, params = runs, {"state": "failed", "limit": str(_MOST_TASKS * 5)}
            answer = self._get(version, path, params, deadline)
            return _failed(reading.items(reading.at(answer, "task_instances")))
        path = f"{runs}/{segment(task)}" + (f"/{segment(index)}" if index != "-1" else "")
        answer = self._get(version, path, {}, deadline)
        number = labels.get("try_number") or reading.first(answer, "try_number")
        return [_Try(task, index, number)] if number else []

    def _told(
        self, version: Version, tries: list[_Try], failure: Failure, deadline: Deadline
    ) -> Iterator[EvidenceItem | Note]:
        if not tries:
            yield Note("the run has no failed try to read a log of")
        if len(tries) > _MOST_TASKS:
            yield Note(f"{len(tries)} tasks failed; the logs of the first {_MOST_TASKS} were read")
        for tried in tries[:_MOST_TASKS]:
            try:
                told = self._log(version, tried, failure, deadline)
            except LateError:
                raise
            except RcaError as error:
                yield Note(f"no log of task {tried.task}, try {tried.number}: {error.detail}")
                continue
            yield from _items(tried, told, failure)

    def _log(
        self, version: Version, tried: _Try, failure: Failure, deadline: Deadline
    ) -> airflow_logs.TaskLog:
        path = (
            f"/api/{version}/dags/{segment(failure.labels['dag_id'])}/dagRuns/{segment(failure.run_id)}"
            f"/taskInstances/{segment(tried.task)}/logs/{segment(tried.number)}"
        )
        params = {"map_index": tried.map_index, "full_content": "true"}
        if version == "v1":
            text, cut = self._tail(version, path, params, "text/plain", deadline)
            return airflow_logs.of_text(text, cut=cut)
        try:
            return self._pages(path, params, deadline)
        except OversizeError:
            text, cut = self._tail(version, path, params, "application/x-ndjson", deadline)
            return airflow_logs.of_lines(text, cut=cut)

    def _pages(self, path: str, params: Mapping[str, str], deadline: Deadline) -> airflow_logs.TaskLog:
        """Read the records page by page; a log still being written would never end."""
        records: list[object] = []
        for _ in range(_MOST_PAGES):
            page = self._get("v2", path, params, deadline)
            content = reading.at(page, "content")
            records += content if isinstance(content, list) else [content]
            token = reading.first(page, "continuation_token")
            if token is None:
                return airflow_logs.of_records(records, cut=False)
            params = {**params, "token": token}
        return airflow_logs.of_records(records, cut=True)

    def _get(self, version: Version, path: str, params: Mapping[str, str], deadline: Deadline) -> object:
        def ask(headers: Mapping[str, str]) -> object:
            request = Request(url=self._address + path, params=params, headers=headers)
            return self._http.json(request, deadline)

        return self._access.call(version, ask, deadline)

    def _tail(
        self, version: Version, path: str, params: Mapping[str, str], accept: str, deadline: Deadline
    ) -> tuple[str, bool]:
        def ask(headers: Mapping[str, str]) -> tuple[str, bool]:
            request = Request(url=self._address + path, params=params, headers={**headers, "Accept": accept})
            return self._http.tail(request, deadline, _TAIL_BYTES)

        return self._access.call(version, ask, deadline)


def _failed(instances: object) -> list[_Try]:
    tries = []
    found = [reading.mapping(item) for item in reading.items(instances)]
    for instance in sorted(found, key=lambda item: reading.first(item, "end_date") or "~"):
        task, number = reading.first(instance, "task_id"), reading.first(instance, "try_number")
        if task and number and reading.first(instance, "state") == "failed":
            tries.append(_Try(task, reading.first(instance, "map_index") or "-1", number))
    return tries


def _items(tried: _Try, told: airflow_logs.TaskLog, failure: Failure) -> Iterator[EvidenceItem | Note]:
    where = f"task {tried.task}, try {tried.number}"
    if told.error:
        yield EvidenceItem(
            adapter=NAME,
            kind=EvidenceKind.ERROR,
            title=f"Error of {where}",
            text=told.error,
            at=told.at,
            link=failure.link,
            code=told.code,
        )
    if told.tail:
        yield EvidenceItem(
            adapter=NAME,
            kind=EvidenceKind.LOG,
            title=f"End of the log of {where}",
            text=told.tail,
            at=told.at,
            link=failure.link,
        )
    if told.cut:
        yield Note(f"only the end of the log of {where} was kept")
    if not (told.error or told.tail):
        yield Note(f"the log of {where} is empty")


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].lower()


def build(settings: EvidenceSettings, tools: Tools) -> Airflow | None:
    """Build the adapter where AIRFLOW_URL is set."""
    address = settings.airflow_url
    if address is None:
        return None
    http = Http([address], tools)
    access = Access(
        address, http, settings.airflow_username, settings.airflow_password, settings.airflow_token
    )
    return Airflow(
        address,
        access,
        http,
        version=None if settings.airflow_api == "auto" else settings.airflow_api,
        instance=settings.airflow_instance,
    )
