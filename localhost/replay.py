"""Posts the samples to a running host and follows each alert to its tickets."""

import time
from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from localhost.api import Api
from localhost.errors import HostError
from localhost.samples import Sample

AT_ONCE = 16
PAUSE = 0.05

type Fate = dict[str, Any]
type Ticket = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One posted alert and what came of it; `fate` is None where it was not accepted."""

    sample: Sample
    http: int
    fate: Fate | None

    @property
    def outcomes(self) -> dict[str, str]:
        """Ticket id → what the alert did to it."""
        return {each["ticket_id"]: each["outcome"] for each in (self.fate or {}).get("tickets", ())}


@dataclass(frozen=True, slots=True)
class Result:
    """What a replay brought: the tickets that it touched by id, all ids on the board, the number of dead letters."""

    deliveries: Sequence[Delivery]
    tickets: Mapping[str, Ticket]
    listed: Set[str]
    dead_letters: int


class Patience:
    """A deadline for all that is waited for; `what` names it when time is up."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def pause(self, what: str) -> None:
        """Wait a moment. Raises HostError once the deadline has passed."""
        if time.monotonic() >= self._until:
            raise HostError(f"after {self._seconds:.0f} s still waiting for {what}")
        time.sleep(PAUSE)


def replay(
    api: Api, samples: Sequence[Sample], patience: Patience, tell: Callable[[Delivery], None]
) -> list[Delivery]:
    """Post every sample, its repetitions at once; a sample is settled before the next one is posted."""
    deliveries: list[Delivery] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for sample in samples:
            posted = pool.map(lambda each: api.post_alert(each.route, each.body), [sample] * sample.repeat)
            for http, alert_id in list(posted):
                fate = _settled(api, alert_id, sample, patience) if alert_id else None
                deliveries.append(Delivery(sample, http, fate))
                tell(deliveries[-1])
    return deliveries


def collect(api: Api, deliveries: Sequence[Delivery], patience: Patience) -> Result:
    """Return what is there once every ticket that the deliveries touched is analysed and on the board."""
    ids = {ticket_id for delivery in deliveries for ticket_id in delivery.outcomes}
    tickets = {ticket_id: _analysed(api, ticket_id, patience) for ticket_id in sorted(ids)}
    while missing := ids - (listed := api.listed()):
        patience.pause(f"the board to show {', '.join(sorted(missing))}")
    return Result(deliveries, tickets, listed, api.dead_letters())


def _settled(api: Api, alert_id: str, sample: Sample, patience: Patience) -> Fate:
    while (fate := api.fate(alert_id))["status"] == "pending":
        patience.pause(f"alert {alert_id} ({sample.title})")
    return fate


def _analysed(api: Api, ticket_id: str, patience: Patience) -> Ticket:
    while not (ticket := api.ticket(ticket_id))["rca_result"]:
        patience.pause(f"the analysis of {ticket_id}")
    return ticket
