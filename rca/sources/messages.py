"""What an error text gives away by its form alone."""

from __future__ import annotations

import re

_SCANNED = 20_000
_EXCEPTION = re.compile(
    r"(?m)^[ \t]*(?:Caused by: |Exception in thread \S+ )?"
    r"(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Timeout|Failure|Exit|Interrupt))\b(?=[ \t]*[:(]|[ \t\r]*$)"
)
_WITHIN = re.compile(r"\b([A-Z]\w{0,100}?(?:Error|Exception))(?=:)")
_ERROR_CODE = re.compile(r"\bErrorCode\s*[=:]\s*['\"]?(\w{2,80})")


def exception_class(message: str) -> str | None:
    """Return the class of the exception that a text ends in, or else quotes, without its package."""
    for part in (message[-_SCANNED:], message[:_SCANNED]):
        found = _EXCEPTION.findall(part)
        if found:
            return str(found[-1])
    within = _WITHIN.search(message[:_SCANNED])
    return within.group(1) if within else None


def error_code(message: str) -> str | None:
    """Return the name in `ErrorCode=…`, as the services behind Data Factory write it."""
    found = _ERROR_CODE.search(message[:_SCANNED])
    return found.group(1) if found else None
