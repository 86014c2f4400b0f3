"""Identifiers: alert ids are ULIDs, ticket ids say source, event time and identity."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from rca.domain.failure import Failure, identity_hash
from rca.domain.vocabulary import Source

PREFIXES = {
    Source.ADF: "ADF",
    Source.DATABRICKS_JOB: "DBX",
    Source.DATABRICKS_CLUSTER: "DBC",
    Source.AIRFLOW: "AIR",
    Source.PROMETHEUS: "PROM",
    Source.AZURE_MONITOR: "AZM",
}
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {digit: value for value, digit in enumerate(_CROCKFORD)}
_ULID_LENGTH = 26
_TIME_DIGITS = 10
_RANDOM_BITS = 80
_TIME_BITS = 48


def new_alert_id(now: datetime) -> str:
    """Make a ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, Crockford base 32."""
    number = int(now.timestamp() * 1000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(_ULID_LENGTH - 1, -1, -1))


def alert_time(alert_id: str) -> datetime | None:
    """Return the time that an alert id carries, or None where it is not a well-formed ULID."""
    if len(alert_id) != _ULID_LENGTH or any(digit not in _VALUES for digit in alert_id):
        return None
    milliseconds = 0
    for digit in alert_id[:_TIME_DIGITS]:
        milliseconds = milliseconds << 5 | _VALUES[digit]
    if milliseconds >= 1 << _TIME_BITS:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def ticket_id(failure: Failure) -> str:
    """Return `<PREFIX>-<event time>-<first 10 hex of the identity hash>`."""
    moment = failure.occurred_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    return f"{PREFIXES[failure.source]}-{moment}-{identity_hash(failure.source, failure.identity)[:10]}"
