"""Which route a payload would have come by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rca.sources import _SENDERS

ANYTHING: Final = "alerts/custom"


def home_of(payload: Mapping[str, object]) -> str:
    """Name the first route of the shape that a payload has; that of custom alerts where it has none."""
    sender = next((sender for sender in _SENDERS if sender.recognises(payload)), None)
    return sender.routes[0] if sender else ANYTHING
