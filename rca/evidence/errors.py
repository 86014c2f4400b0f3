"""Why evidence could not be had. What fails in passing is an UnavailableError; all else is one of these."""

from __future__ import annotations

from rca.errors import RcaError


class EvidenceError(RcaError):
    """A platform can't give the evidence, now or later."""

    status = 502
    title = "No evidence"


class RefusedError(EvidenceError):
    """We do not ask: the address, workspace or name is none that the settings allow. No request was made."""

    title = "Address not allowed"


class AnswerError(EvidenceError):
    """The platform answered with an error; `code` is its HTTP status."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class OversizeError(EvidenceError):
    """The answer is larger than we read."""
