"""What an analysis rests on, as a ticket keeps it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One piece of evidence as a ticket lists it; its text lies in the blob behind `Basis.url`."""

    id: str
    adapter: str
    kind: str
    title: str
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An earlier ticket with the same signature, and what people said of it. Times are ISO 8601, UTC.

    `note` is what was written when it was closed, `helpful` and `comment` what was thought of its analysis.
    """

    ticket_id: str
    opened_at: str
    closed_at: str | None = None
    resolution: str | None = None
    note: str | None = None
    helpful: bool | None = None
    comment: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The evidence, what of it is cited, what was seen before, the model that was asked and what that cost.

    `notes` say what could not be had. `reused_from` is the ticket whose analysis this one is. `tokens` and `cost`
    (millionths of a US dollar, estimated) are summed over all analyses of the ticket. `model` and `prompt_version`
    are None where the rules alone answered.
    """

    exhibits: tuple[Exhibit, ...] = ()
    notes: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    seen: tuple[Sighting, ...] = ()
    reused_from: str | None = None
    url: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    tokens: int = 0
    cost: int = 0
