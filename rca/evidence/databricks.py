"""Databricks: what a run's tasks and clusters report.

Jobs API 2.2 and Clusters API 2.1 as in databricks-sdk-py 0.133: `runs/get` pages its arrays at 100,
`runs/get-output` answers for task runs only, and runs are kept for 60 days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rca.domain.evidence import EvidenceItem, EvidenceKind, Note
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import RcaError
from rca.evidence import credentials, databricks_clusters, reading
from rca.evidence.credentials import Headers
from rca.evidence.errors import EvidenceError, RefusedError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline, LateError, Tools
from rca.evidence.settings import EvidenceSettings

NAME: Final = "databricks"
SCOPE: Final = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"
"""The Entra ID application of Azure Databricks, the same in every tenant."""
_MOST_PAGES: Final = 20
_MOST_OUTPUTS: Final = 5
_MOST_LISTED: Final = 100
_LONGEST: Final = 64_000
_FAILED: Final = frozenset({"FAILED", "TIMEDOUT", "CANCELED", "MAXIMUM_CONCURRENT_RUNS_REACHED"})
_RUN_ID: Final = re.compile(r"\d{1,20}")
_WORKSPACE: Final = re.compile(r"https://adb-(\d+)\.", re.IGNORECASE)
_CLUSTER_CODES: Final = frozenset(
    {
        "CLUSTER_ERROR",
        "DRIVER_ERROR",
        "CLOUD_FAILURE",
        "CLUSTER_TERMINATED_BY_USER",
        "LIBRARY_INSTALLATION_ERROR",
    }
)
_CLUSTER_WORDS: Final = re.compile(
    r"\b(?:cluster|driver|context)\b[^\n]{0,120}"
    r"\b(?:terminat\w*|unreachable|unresponsive|stopped|unexpectedly|lost|restarted|not responding|failed to start)",
    re.IGNORECASE,
)
_EXCEPTION: Final = re.compile(r"^([A-Za-z_][\w.$]{0,200}(?:Exception|Error|Interrupt|Exit))\b")


@dataclass(frozen=True, slots=True)
class _Task:
    """One task of a run, the latest attempt, and its output where it was asked for."""

    sent: Mapping[str, object]
    output: Mapping[str, object]

    @property
    def key(self) -> str:
        return reading.first(self.sent, "task_key") or reading.first(self.sent, "run_name") or "unnamed task"

    @property
    def error(self) -> str | None:
        """What went wrong: the output's error says most, the state's message least."""
        return (
            reading.first(self.output, "error")
            or reading.first(self.sent, "run_output.error", "exception.message", "state.state_message")
            or reading.first(self.sent, "status.termination_details.message")
        )

    @property
    def code(self) -> str | None:
        raised = _EXCEPTION.match(reading.first(self.output, "error") or "")
        return raised[1].rsplit(".", 1)[-1] if raised else reading.first(self.sent, *_CODE)

    @property
    def cluster_id(self) -> str | None:
        return reading.first(self.sent, "cluster_instance.cluster_id", "existing_cluster_id")


_CODE: Final = ("status.termination_details.code", "state.result_state")


class Databricks:
    """Asks one workspace about job runs and clusters."""

    name = NAME

    def __init__(self, address: str, headers: Headers, tools: Tools) -> None:
        self._address = address
        self._headers = headers
        self._http = Http([address], tools)

    def applies(self, failure: Failure) -> bool:
        """Whether it is a run or a cluster with an id to ask by."""
        if failure.source is Source.DATABRICKS_CLUSTER:
            return databricks_clusters.cluster_of(failure) is not None
        return failure.source is Source.DATABRICKS_JOB and _RUN_ID.fullmatch(failure.run_id) is not None

    def gather(self, failure: Failure, deadline: Deadline) -> Iterator[EvidenceItem | Note]:
        """Yield errors, traces and logs of the failed tasks, the run itself, and the events of a dead cluster."""
        self._check_workspace(failure)
        if failure.source is Source.DATABRICKS_CLUSTER:
            cluster_id = databricks_clusters.cluster_of(failure) or ""
            yield from self._cluster(cluster_id, failure, deadline)
            return
        run, cut = self._run(failure.run_id, deadline)
        if cut:
            yield Note(f"run {failure.run_id} has more tasks than were read")
        tasks: list[_Task] = []
        for said in self._tasks(run, deadline):
            if isinstance(said, Note):
                yield said
                continue
            tasks.append(said)
            yield from _told(said)
        if not any(task.error for task in tasks):
            yield from _run_error(run)
        yield _summary(run, failure.run_id)
        for cluster_id in dict.fromkeys(filter(None, (t.cluster_id for t in tasks if _cluster_died(t)))):
            yield from self._cluster(cluster_id, failure, deadline)

    def _check_workspace(self, failure: Failure) -> None:
        """Refuse runs of another workspace: its ids could be those of unrelated runs here."""
        ours, theirs = _WORKSPACE.match(self._address), failure.labels.get("workspace_id", "")
        if ours and theirs.isdigit() and theirs != ours[1]:
            raise RefusedError(
                f"the failure is of workspace {theirs}, DATABRICKS_HOST is workspace {ours[1]}"
            )

    def _run(self, run_id: str, deadline: Deadline) -> tuple[Mapping[str, object], bool]:
        """Return the run with all its tasks, and whether some were left out."""
        tasks: list[object] = []
        run: Mapping[str, object] = {}
        params = {"run_id": run_id}
        for _ in range(_MOST_PAGES):
            page = reading.mapping(self._get("/api/2.2/jobs/runs/get", params, deadline))
            run = run or page
            tasks += reading.items(page.get("tasks"))
            token = reading.first(page, "next_page_token")
            if token is None:
                return {**run, "tasks": tasks}, False
            params = {"run_id": run_id, "page_token": token}
        return {**run, "tasks": tasks}, True

    def _tasks(self, run: Mapping[str, object], deadline: Deadline) -> Iterator[_Task | Note]:
        """Yield the failed tasks with their output, earliest first: later failures mostly follow from it."""
        failed = _failed(run)
        if len(failed) > _MOST_OUTPUTS:
            yield Note(f"{len(failed)} tasks failed; the first {_MOST_OUTPUTS} were looked at")
        for sent in failed[:_MOST_OUTPUTS]:
            run_id = reading.first(sent, "run_id") or ""
            try:
                if not _RUN_ID.fullmatch(run_id):
                    raise EvidenceError("it names no run of its own")
                output = self._get("/api/2.2/jobs/runs/get-output", {"run_id": run_id}, deadline)
            except LateError:
                raise
            except RcaError as error:
                yield Note(f"no output of task {_Task(sent, {}).key}: {error.detail}")
                output = None
            yield _Task(sent, reading.mapping(output))

    def _cluster(
        self, cluster_id: str, failure: Failure, deadline: Deadline
    ) -> Iterator[EvidenceItem | Note]:
        request = databricks_clusters.request(self._address, cluster_id, failure.occurred_at, self._headers())
        yield from databricks_clusters.told(cluster_id, self._http.json(request, deadline))

    def _get(self, path: str, params: Mapping[str, str], deadline: Deadline) -> object:
        request = Request(url=self._address + path, params=params, headers=self._headers())
        return self._http.json(request, deadline)


def _failed(run: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Pick the failed tasks by their latest attempt; a run of the old single-task format is its own task."""
    latest: dict[str, Mapping[str, object]] = {}
    for task in map(reading.mapping, reading.items(run.get("tasks"))):
        key = reading.first(task, "task_key") or ""
        if key not in latest or _attempt(task) >= _attempt(latest[key]):
            latest[key] = task
    tasks = list(latest.values()) or [run]
    failed = [
        task for task in tasks if reading.first(task, "state.result_state") in _FAILED or _crashed(task)
    ]
    return sorted(failed, key=_ended)


def _attempt(task: Mapping[str, object]) -> int:
    number = task.get("attempt_number")
    return number if isinstance(number, int) else 0


def _ended(task: Mapping[str, object]) -> int:
    ended = task.get("end_time")
    return ended if isinstance(ended, int) and ended > 0 else 2**63


def _crashed(task: Mapping[str, object]) -> bool:
    state = reading.mapping(task.get("state"))
    return state.get("life_cycle_state") == "INTERNAL_ERROR" and not state.get("result_state")


def _cluster_died(task: _Task) -> bool:
    details = reading.mapping(reading.at(task.sent, "status.termination_details"))
    if details.get("code") in _CLUSTER_CODES or details.get("type") == "CLOUD_FAILURE":
        return True
    return _CLUSTER_WORDS.search((task.error or "")[:20_000]) is not None


def _told(task: _Task) -> Iterator[EvidenceItem]:
    """Yield error, trace and log of a failed task."""
    ended, link = reading.moment(task.sent.get("end_time")), reading.first(task.sent, "run_page_url")
    texts = (
        (EvidenceKind.ERROR, "Error", task.error, task.code),
        (EvidenceKind.TRACE, "Stack trace", reading.first(task.output, "error_trace"), None),
        (EvidenceKind.LOG, "End of the log", reading.first(task.output, "logs"), None),
    )
    for kind, title, text, code in texts:
        if text:
            yield EvidenceItem(
                adapter=NAME,
                kind=kind,
                title=f"{title} of task {task.key}",
                text=reading.last_lines(text, _LONGEST)[0],
                at=ended,
                link=link,
                code=code,
            )


def _run_error(run: Mapping[str, object]) -> Iterator[EvidenceItem]:
    message = reading.first(run, "state.state_message", "status.termination_details.message")
    if message:
        yield EvidenceItem(
            adapter=NAME,
            kind=EvidenceKind.ERROR,
            title="Message of the run",
            text=message,
            at=reading.moment(run.get("end_time")),
            link=reading.first(run, "run_page_url"),
            code=reading.first(run, *_CODE),
        )


def _summary(run: Mapping[str, object], run_id: str) -> EvidenceItem:
    tasks = [reading.mapping(task) for task in reading.items(run.get("tasks"))]
    told = reading.facts(
        (
            ("job", reading.first(run, "run_name")),
            ("result", reading.first(run, "state.result_state", "state.life_cycle_state")),
            ("message", reading.first(run, "state.state_message")),
            ("termination code", reading.at(run, "status.termination_details.code")),
            ("termination type", reading.at(run, "status.termination_details.type")),
            ("trigger", run.get("trigger")),
            ("duration in ms", run.get("run_duration")),
            ("job cluster", _clusters(run)),
        )
    )
    lines = [
        f"task {_Task(task, {}).key}: {reading.first(task, 'state.result_state', 'state.life_cycle_state')}"
        f", attempt {_attempt(task)}"
        for task in tasks[:_MOST_LISTED]
    ]
    return EvidenceItem(
        adapter=NAME,
        kind=EvidenceKind.RUN,
        title=f"Run {run_id}",
        text="\n".join([told, *lines]),
        at=reading.moment(run.get("start_time")),
        link=reading.first(run, "run_page_url"),
    )


def _clusters(run: Mapping[str, object]) -> str:
    told = []
    for cluster in reading.items(run.get("job_clusters"))[:5]:
        new = reading.mapping(reading.at(cluster, "new_cluster"))
        parts = (new.get(key) for key in ("spark_version", "node_type_id", "num_workers"))
        told.append(" ".join(text for part in parts if (text := reading.text(part))))
    return "; ".join(filter(None, told))


def build(settings: EvidenceSettings, tools: Tools) -> Databricks | None:
    """Build the adapter where DATABRICKS_HOST is set."""
    address = settings.databricks_host
    if address is None:
        return None
    if settings.databricks_token is not None:
        headers = credentials.fixed(settings.databricks_token)
    else:
        headers = credentials.entra(tools.tokens, SCOPE, address)
    return Databricks(address, headers, tools)
