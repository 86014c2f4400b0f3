"""What the dashboard reads, and what people say of a ticket."""

from __future__ import annotations

import azure.functions as func

from blueprints.http import actor_of, handled, json_body, json_response, require_role, session_of

bp = func.Blueprint()


@bp.route(route="open-tickets", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def open_tickets(req: func.HttpRequest) -> func.HttpResponse:
    """List the open tickets, newest first."""
    from rca import wiring
    from rca.domain.vocabulary import Status

    session_of(req)
    return json_response(wiring.app().overview.live(Status.OPEN))


@bp.route(route="in-progress-tickets", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def in_progress_tickets(req: func.HttpRequest) -> func.HttpResponse:
    """List the tickets that someone works on, newest first."""
    from rca import wiring
    from rca.domain.vocabulary import Status

    session_of(req)
    return json_response(wiring.app().overview.live(Status.IN_PROGRESS))


@bp.route(route="closed-tickets", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def closed_tickets(req: func.HttpRequest) -> func.HttpResponse:
    """List a page of closed tickets, newest closed first."""
    import json

    from rca import wiring
    from rca.workflow.overview import continuation_of

    session_of(req)
    listed = wiring.app().overview.closed(continuation=continuation_of(req.params.get("continuation")))
    token = listed["continuation"]
    return json_response({**listed, "continuation": json.dumps(token) if token else None})


@bp.route(route="tickets/{ticket_id}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def ticket(req: func.HttpRequest) -> func.HttpResponse:
    """Show one ticket and its trail, by ticket id or run id."""
    from rca import wiring

    session_of(req)
    return json_response(wiring.app().overview.ticket(req.route_params["ticket_id"]))


@bp.route(route="tickets/{ticket_id}/feedback", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def feedback(req: func.HttpRequest) -> func.HttpResponse:
    """Record whether the analysis of a ticket helped: `{"helpful": true|false, "comment": "…"}`."""
    import uuid

    from rca import wiring
    from rca.domain.accounts import Role
    from rca.errors import ShapeError
    from rca.workflow.overview import ticket_data

    session = require_role(req, Role.RESPONDER)
    body = json_body(req)
    helpful, comment = body.get("helpful"), body.get("comment", "")
    if not isinstance(helpful, bool):
        raise ShapeError("helpful must be true or false", ["helpful"])
    if not isinstance(comment, str):
        raise ShapeError("comment must be text", ["comment"])
    judged = wiring.app().respond.judge(
        req.route_params["ticket_id"], helpful, comment, actor_of(session), uuid.uuid4().hex
    )
    return json_response({"ticket": ticket_data(judged)})


@bp.route(route="summary", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def summary(req: func.HttpRequest) -> func.HttpResponse:
    """Show the totals."""
    from rca import wiring

    session_of(req)
    return json_response(wiring.app().overview.summary())


@bp.route(route="audit-trail", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def audit_trail(req: func.HttpRequest) -> func.HttpResponse:
    """List the newest audit entries, of one action or one ticket if asked."""
    from rca import wiring

    session_of(req)
    action = req.params.get("action")
    action = None if action in {None, "", "all"} else action
    return json_response(wiring.app().overview.audits(action, req.params.get("ticket_id") or None))
