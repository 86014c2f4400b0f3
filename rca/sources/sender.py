"""What every sender module registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from rca.domain.failure import Reading

type Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One shape of payload.

    `recognises` looks at the content only and never raises; `read` raises ShapeError where a required field is
    missing. On `routes` the shape is at home; `expects` are the JSON paths it can't do without.
    """

    name: str
    routes: tuple[str, ...]
    expects: tuple[str, ...]
    recognises: Callable[[Payload], bool]
    read: Callable[[Payload, datetime], Reading]
