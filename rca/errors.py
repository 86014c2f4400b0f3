"""The errors of the application; each carries its data and the HTTP status it maps to (RFC 9457)."""

from collections.abc import Sequence


class RcaError(Exception):
    """Base of all errors raised on purpose.

    `status` is the HTTP status, `title` the short RFC 9457 title that is the same for every occurrence.
    """

    status = 500
    title = "Internal error"

    @property
    def detail(self) -> str:
        """What happened and how to mend it, safe to show to the caller."""
        return str(self)


class BadRequestError(RcaError):
    """The request can't be read at all, for example because its body is not JSON."""

    status = 400
    title = "Bad request"


class UnauthorizedError(RcaError):
    """The caller did not prove who they are."""

    status = 401
    title = "Not signed in"


class ForbiddenError(RcaError):
    """The caller is known but their role does not allow this."""

    status = 403
    title = "Not allowed"


class NotFoundError(RcaError):
    """What was asked for does not exist."""

    status = 404
    title = "Not found"


class ConflictError(RcaError):
    """The object changed meanwhile, or is not in the state that the command expects."""

    status = 409
    title = "Conflict"


class TooLargeError(RcaError):
    """The body is larger than the intake accepts."""

    status = 413
    title = "Body too large"


class ShapeError(RcaError):
    """A payload is JSON but not of the shape that its source sends.

    `fields` names what is missing or wrong, as JSON paths such as `data.essentials.alertId`.
    """

    status = 422
    title = "Unexpected payload shape"

    def __init__(self, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


class TooManyRequestsError(RcaError):
    """The caller must slow down; `retry_after` in seconds."""

    status = 429
    title = "Too many requests"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotConfiguredError(RcaError):
    """A setting that this needs is not set; the message names it."""

    status = 503
    title = "Not configured"


class UnavailableError(RcaError):
    """A dependency fails in passing: the same call may succeed later. `retry_after` in seconds, if told."""

    status = 503
    title = "Temporarily unavailable"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
