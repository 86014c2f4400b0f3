"""What the HTTP triggers share: JSON in and out, errors as RFC 9457 problems, sessions."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import azure.functions as func

if TYPE_CHECKING:
    from rca.domain.accounts import Role, Session
    from rca.domain.ticket import Actor

log = logging.getLogger(__name__)

_LARGEST_COMMAND = 65_536

type Handler = Callable[[func.HttpRequest], func.HttpResponse]


def json_response(
    data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> func.HttpResponse:
    """Answer with JSON that no cache keeps."""
    return func.HttpResponse(
        json.dumps(data, ensure_ascii=False, default=str),
        status_code=status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def problem(error: Exception) -> func.HttpResponse:
    """Answer an error as application/problem+json (RFC 9457); of a bug, nothing but that there is one."""
    from rca.errors import RcaError, ShapeError

    if not isinstance(error, RcaError):
        body: dict[str, Any] = {"type": "about:blank", "title": RcaError.title, "status": RcaError.status}
        return _problem(body, {})
    body = {"type": "about:blank", "title": error.title, "status": error.status, "detail": error.detail}
    if isinstance(error, ShapeError) and error.fields:
        body["fields"] = list(error.fields)
    retry_after = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(int(retry_after))} if retry_after else {}
    return _problem(body, headers)


def _problem(body: dict[str, Any], headers: dict[str, str]) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=body["status"],
        mimetype="application/problem+json",
        headers={"Cache-Control": "no-store", **headers},
    )


def handled(function: Handler) -> Handler:
    """Turn what a trigger raises into a problem; the caller never sees a stack trace."""

    @functools.wraps(function)
    def trigger(req: func.HttpRequest) -> func.HttpResponse:
        from rca.errors import RcaError

        try:
            return function(req)
        except RcaError as error:
            if error.status >= 500:
                log.warning("%s: %s", function.__name__, error.detail)
            return problem(error)
        except Exception as error:
            log.exception("%s failed", function.__name__)
            return problem(error)

    return trigger


def json_body(req: func.HttpRequest, largest: int = _LARGEST_COMMAND) -> dict[str, Any]:
    """Return the request's JSON object. Raises TooLargeError, BadRequestError or ShapeError."""
    from rca.errors import ShapeError, TooLargeError
    from rca.workflow.intake import parse_json

    body = req.get_body()
    if len(body) > largest:
        raise TooLargeError(f"the body has {len(body)} bytes; at most {largest} are accepted")
    data = parse_json(body)
    if not isinstance(data, dict):
        raise ShapeError("the body must be a JSON object", ["$"])
    return data


def require_role(req: func.HttpRequest, role: Role) -> Session:
    """Return the caller's session if it has at least that role. Raises UnauthorizedError or ForbiddenError.

    Static Web Apps overwrites Authorization, so the token may travel as X-Session-Token too.
    """
    from rca import wiring
    from rca.errors import ForbiddenError, UnauthorizedError

    scheme, _, bearer = req.headers.get("Authorization", "").partition(" ")
    token = req.headers.get("X-Session-Token") or (bearer.strip() if scheme.lower() == "bearer" else "")
    if not token:
        raise UnauthorizedError("sign in at /api/login and send the token as `Authorization: Bearer`")
    session = wiring.app().accounts.verify(token)
    if not session.role.covers(role):
        raise ForbiddenError(f"this needs the role {role}; yours is {session.role}")
    return session


def session_of(req: func.HttpRequest) -> Session:
    """Return the session of a caller who may at least read. Raises UnauthorizedError."""
    from rca.domain.accounts import Role

    return require_role(req, Role.VIEWER)


def actor_of(session: Session) -> Actor:
    """Return the person of a session as the audit trail names them."""
    from rca.domain.ticket import Actor

    return Actor(account_id=session.account_id, name=session.name)
