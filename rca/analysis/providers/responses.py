"""What an HTTP status of a provider means, the same for all of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from rca.analysis.providers.port import PassingError, ProviderError, RejectedError

_LONGEST_WAIT: Final = 86_400.0
_PASSING: Final = frozenset({408, 409, 425, 429})
_HINTS: Final = {
    401: "check the API key",
    403: "check the API key and what it may do",
    404: "check the model and the base URL",
}


def error_of(provider: str, status: int, retry_after: float | None) -> ProviderError:
    """Map a status other than 200 to an error that says no more than the status."""
    if status in _PASSING or status >= 500:
        return PassingError(provider, f"HTTP {status}", retry_after)
    hint = _HINTS.get(status, "the request was not accepted")
    return RejectedError(provider, f"HTTP {status}, {hint}")


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date (RFC 9110 §10.2.3); None where it says nothing usable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now or datetime.now(UTC))
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else None


def _until(date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
