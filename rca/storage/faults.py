"""Turns the SDK's errors into ours: what passes by itself, and what a write ran into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.data.tables import TableTransactionError

from rca.errors import NotConfiguredError, UnavailableError

_PASSING = {408, 429, 500, 502, 503, 504}
_EXISTS = {"EntityAlreadyExists"}
_ABSENT = {"QueueNotFound", "TableNotFound", "ContainerNotFound"}
_REFUSED = {401, 403}
_STALE = {"UpdateConditionNotSatisfied", "ConditionNotMet", "ResourceNotFound", "EntityNotFound"}


class ExistsError(Exception):
    """An insert met a row that is there already; `index` is the operation's place in its transaction."""

    def __init__(self, index: int = 0) -> None:
        super().__init__(f"operation {index} met an existing row")
        self.index = index


class StaleError(Exception):
    """A guarded write met a row that changed or went since it was read."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise UnavailableError for a passing failure, ExistsError or StaleError for a lost race.

    Raises NotConfiguredError where storage lacks what `prepare` makes, or refuses our identity.

    Status codes: learn.microsoft.com/rest/api/storageservices/table-service-error-codes.
    """
    try:
        yield
    except (ServiceRequestError, ServiceResponseError) as error:
        raise UnavailableError(f"storage does not answer: {type(error).__name__}") from error
    except TableTransactionError as error:
        _raise_for(error, error.index)
        raise
    except HttpResponseError as error:
        _raise_for(error, 0)
        raise
    except AzureError as error:
        # What is left is a broken connection in mid-answer, for example an incomplete read.
        raise UnavailableError(f"storage broke off: {type(error).__name__}") from error


def _raise_for(error: HttpResponseError, index: int) -> None:
    raw = getattr(error, "error_code", None)
    code = str(getattr(raw, "value", raw) or "")
    status = error.status_code
    if code in _EXISTS or (status == 409 and not code):
        raise ExistsError(index) from error
    if status == 412 or code in _STALE:
        raise StaleError(code) from error
    if code in _ABSENT:
        raise NotConfiguredError(f"storage answered {code}: run `python -m rca prepare`") from error
    if status in _REFUSED:
        raise NotConfiguredError(
            f"storage refused us with {status} {code}: check the connection string, or the roles of the identity"
        ) from error
    if status in _PASSING or status is None:
        headers: Mapping[str, str] = getattr(error.response, "headers", None) or {}
        header = headers.get("Retry-After", "")
        after = float(header) if header.isdigit() else None
        raise UnavailableError(f"storage answered {status}", after) from error
