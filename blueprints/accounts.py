"""People: the one-time set-up, sign-in, who am I."""

from __future__ import annotations

from typing import TYPE_CHECKING

import azure.functions as func

from blueprints.http import handled, json_body, json_response, session_of

if TYPE_CHECKING:
    from rca.domain.accounts import Session

bp = func.Blueprint()


@bp.route(route="setup", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def set_up(req: func.HttpRequest) -> func.HttpResponse:
    """Create the first admin for the holder of the set-up token."""
    from rca import wiring

    token, email, password, name = _texts(req, "token", "email", "password", "name")
    account = wiring.app().accounts.set_up(token, email, password, name, caller_address(req))
    body = {"account_id": account.id, "email": account.email, "name": account.name, "role": account.role}
    return json_response(body, 201)


@bp.route(route="login", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Exchange e-mail and password for a session token."""
    from rca import wiring

    email, password = _texts(req, "email", "password")
    grant = wiring.app().accounts.sign_in(email, password, caller_address(req))
    return json_response({"token": grant.token, **_session(grant.session)})


@bp.route(route="me", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def who_am_i(req: func.HttpRequest) -> func.HttpResponse:
    """Tell whose session the token stands for."""
    return json_response(_session(session_of(req)))


def caller_address(req: func.HttpRequest) -> str:
    """Return the caller's IP address: the last entry of X-Forwarded-For, which Azure's front end appends.

    Entries before it are the caller's own words. Empty where there is no front end.
    """
    last: str = req.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if last.startswith("["):
        return last[1:].partition("]")[0]
    return last.partition(":")[0] if last.count(":") == 1 else last


def _texts(req: func.HttpRequest, *names: str) -> list[str]:
    from rca.errors import ShapeError

    body = json_body(req)
    wrong = [name for name in names if not isinstance(body.get(name), str)]
    if wrong:
        raise ShapeError(f"missing or no text: {', '.join(wrong)}", wrong)
    return [body[name] for name in names]


def _session(session: Session) -> dict[str, str]:
    from rca.domain.times import iso

    return {
        "account_id": session.account_id,
        "name": session.name,
        "role": session.role,
        "expires_at": iso(session.expires_at),
    }
