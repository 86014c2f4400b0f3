"""Compares what a replay brought with what the manifest expects."""

from collections import Counter
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any

from localhost.replay import Delivery, Result, Ticket
from localhost.samples import Expectation, Run

_NAMES = {"resource": "pipeline"}
_IDENTITY = {"source", "resource", "run_id", "outcome"}


def problems(result: Result, *, fresh: bool) -> list[str]:
    """Return what is missing, wrong or too much, a line each.

    `fresh` is true where storage was empty before. Otherwise every ticket may have been there, so that outcomes, counts
    and the tickets of others say nothing.
    """
    runs = {ticket_id: _run(ticket) for ticket_id, ticket in result.tickets.items()}
    found: list[str] = []
    for _, group in groupby(result.deliveries, key=lambda delivery: id(delivery.sample)):
        same = list(group)
        faults = _faults(same[0].sample.expect, same, runs, result.tickets, fresh=fresh)
        found += [f"{same[0].sample.title}: {fault}" for fault in faults]
    return found + _surplus(result) if fresh else found


def _surplus(result: Result) -> list[str]:
    found = [
        f"ticket {ticket_id} was not expected" for ticket_id in sorted(result.listed - result.tickets.keys())
    ]
    kept = sum(_is_kept(delivery.sample.expect) for delivery in result.deliveries)
    if result.dead_letters != kept:
        found.append(f"{result.dead_letters} dead letters instead of {kept}")
    return found


def _is_kept(expect: Expectation) -> bool:
    return expect.http == HTTPStatus.UNPROCESSABLE_CONTENT or expect.status == "dead"


def _faults(
    expect: Expectation,
    deliveries: list[Delivery],
    runs: Mapping[str, Run],
    tickets: Mapping[str, Ticket],
    *,
    fresh: bool,
) -> Iterator[str]:
    yield from _answers(expect, deliveries)
    outcomes: dict[Run, list[str]] = {}
    ids: dict[Run, str] = {}
    for delivery in deliveries:
        for ticket_id, outcome in delivery.outcomes.items():
            outcomes.setdefault(runs[ticket_id], []).append(outcome)
            ids[runs[ticket_id]] = ticket_id
    yield from (f"no ticket for {run}" for run in expect.outcomes.keys() - outcomes.keys())
    for run, came in outcomes.items():
        wanted = expect.outcomes.get(run)
        if wanted is None:
            yield f"ticket {ids[run]} ({run}) was not expected"
            continue
        if fresh and sorted(came) != _repeated(wanted, len(deliveries)):
            yield f"{ids[run]} was {_counted(came)} instead of {wanted}"
        yield from _differences(ids[run], tickets[ids[run]], expect.fields[run], fresh=fresh)


def _answers(expect: Expectation, deliveries: list[Delivery]) -> Iterator[str]:
    for http, count in Counter(delivery.http for delivery in deliveries).items():
        if http != expect.http:
            yield f"answered {http} instead of {expect.http} ({count} times)"
    for status, count in Counter(delivery.fate["status"] for delivery in deliveries if delivery.fate).items():
        if expect.status and status != expect.status:
            yield f"became {status} instead of {expect.status} ({count} times)"


def _repeated(outcome: str, times: int) -> list[str]:
    """One of several deliveries creates, the others find a duplicate."""
    rest = "duplicate" if outcome == "created" else outcome
    return sorted([outcome, *[rest] * (times - 1)])


def _differences(ticket_id: str, ticket: Ticket, wanted: Mapping[str, Any], *, fresh: bool) -> Iterator[str]:
    for name, value in wanted.items():
        if name in _IDENTITY or (name == "occurrences" and not fresh):
            continue
        if ticket.get(_NAMES.get(name, name)) != value:
            yield f"{ticket_id}: {name} is {ticket.get(name)!r} instead of {value!r}"


def _run(ticket: Ticket) -> Run:
    return Run(ticket["source"], ticket["pipeline"], ticket["run_id"])


def _counted(outcomes: list[str]) -> str:
    return ", ".join(f"{outcome} {count} times" for outcome, count in Counter(outcomes).items())
