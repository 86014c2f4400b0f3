"""One ticket per failure: who is first to name a failure opens its ticket, all others find it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from rca.domain.board import badge
from rca.domain.failure import Failure, identity_hash
from rca.domain.ids import ticket_id
from rca.errors import UnavailableError
from rca.storage.runs import Claim, Family, Runs
from rca.workflow.messages import Alert

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim that stands for a failure, as seen by one alert.

    `first` says that this alert opened it. `news` that it tells something nobody told before. `reached` is the
    count to announce, None where there is nothing to announce.
    """

    claim: Claim
    first: bool
    news: bool = False
    reached: int | None = None


class Claims:
    """Claims the names of a failure and records its occurrences."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def claim(self, failure: Failure, alert: Alert) -> Claimed:
        """Claim a failure for an alert, or find who did, and record the occurrence once.

        The usual new failure costs one transaction, the usual duplicate three.
        """
        attempt = _Attempt(self._runs, failure, alert)
        claim = attempt.first_try()
        if claim is not None:
            return Claimed(claim, first=True)
        for _ in range(_ROUNDS):
            found = attempt.find()
            if found is not None:
                return found
        raise UnavailableError("the names of this failure are being claimed by others")

    def known(self, failure: Failure) -> bool:
        """Return whether a ticket stands for a failure already; claims nothing."""
        for name in (failure.identity, *failure.aliases):
            holder = self._runs.find(failure.source, identity_hash(failure.source, name))
            if holder is not None and holder.ticket_id:
                return True
        if failure.within is None:
            return False
        run = self._runs.find(failure.source, identity_hash(failure.source, failure.within))
        return run is not None and run.whole and run.ticket_id is not None

    def announce(self, failure: Failure, claim: Claim, count: int, alert: Alert) -> bool:
        """Return whether it is this alert's part to announce that the failure was reported `count` times."""
        return self._runs.announce(failure.source, claim.primary, count, alert.id)


def detail_of(failure: Failure) -> str:
    """Return a digest of what a failure tells beyond its identity: which steps failed, and how."""
    told = sorted(f"{activity.name}\n{activity.code}" for activity in failure.activities)
    return hashlib.sha256("\n\n".join(told).encode()).hexdigest()[:16] if told else ""


class _Attempt:
    def __init__(self, runs: Runs, failure: Failure, alert: Alert) -> None:
        self._runs = runs
        self._source = failure.source
        self._alert = alert
        self._detail = detail_of(failure)
        own = identity_hash(failure.source, failure.identity)
        self._mine = Claim(
            hash=own,
            primary=own,
            ticket_id=ticket_id(failure),
            opened_at=alert.received_at,
            opened_by=alert.id,
            detail=self._detail,
            whole=failure.whole,
        )
        self._aliases = [
            replace(self._mine, hash=identity_hash(failure.source, alias), whole=False)
            for alias in failure.aliases
        ]
        self._within = (
            replace(
                self._mine, hash=identity_hash(failure.source, failure.within), whole=False, borrowed=True
            )
            if failure.within
            else None
        )

    def first_try(self) -> Claim | None:
        """Claim all names at once; None where any is taken."""
        names = [self._mine, *self._aliases, *([self._within] if self._within else [])]
        return self._mine if self._insert(names) else None

    def find(self) -> Claimed | None:
        """Find the claim that is in the way, or take what has come free; None to look again."""
        # Recorded before counting, so that the last of many parallel alerts sees them all.
        self._runs.record(self._source, self._mine.primary, self._alert.id, self._detail)
        family = self._runs.family(self._source, self._mine.hash)
        claim = family.claim
        if claim is None:
            return self._beside()
        if claim.ticket_id is None:
            after = replace(self._mine, recovered_at=claim.recovered_at, etag=claim.etag)
            return Claimed(after, first=True) if self._insert([after]) else None
        if claim.primary != self._mine.hash:
            self._runs.record(self._source, claim.primary, self._alert.id, self._detail)
            family = self._runs.family(self._source, claim.primary)
            claim = family.claim or claim
        return self._seen(claim, family)

    def _beside(self) -> Claimed | None:
        """Settle a conflict over another name than the failure's own."""
        free: list[Claim] = []
        for alias in self._aliases:
            holder = self._runs.find(self._source, alias.hash)
            if holder is not None and holder.ticket_id:
                self._join(holder)
                return None
            if holder is None:
                free.append(alias)
        if self._within is not None:
            holder = self._runs.find(self._source, self._within.hash)
            if holder is not None and holder.whole and holder.ticket_id:
                self._join(holder)
                return None
            if holder is None:
                free.append(self._within)
        return Claimed(self._mine, first=True) if self._insert([self._mine, *free]) else None

    def _join(self, holder: Claim) -> None:
        """Make the failure's own name one more name of the holder's ticket; then look again."""
        self._runs.alias(
            self._source,
            replace(
                holder,
                hash=self._mine.hash,
                whole=self._mine.whole,
                borrowed=False,
                etag="",
            ),
        )

    def _seen(self, claim: Claim, family: Family) -> Claimed:
        if claim.opened_by == self._alert.id:
            return Claimed(claim, first=True)
        told_by = [alert for alert, detail in family.occurrences.items() if detail == self._detail]
        # Of many that tell the same news at once, the least id is sure to see that it is first.
        news = self._detail not in {"", claim.detail} and min(told_by, default="") in {"", self._alert.id}
        return Claimed(claim, first=False, news=news, reached=self._reached(claim, family))

    def _reached(self, claim: Claim, family: Family) -> int | None:
        seen = len(family.occurrences)
        if not family.whole:
            # Counting on costs a request a thousand, so beyond the first page one alert in 1,024 does it.
            if self._alert.id[-2:] != "00":
                return None
            seen = self._runs.occurrences(self._source, claim.primary)
        count = badge(seen)
        announced_by = family.badges.get(count)
        return count if count > 1 and announced_by in {None, self._alert.id} else None

    def _insert(self, claims: list[Claim]) -> bool:
        return self._runs.claim(self._source, claims, self._alert.id, self._detail)
