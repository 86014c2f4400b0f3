"""What operators look at: health, queues, dead letters."""

from __future__ import annotations

import azure.functions as func

from blueprints.http import handled, json_response, session_of

bp = func.Blueprint()


@bp.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Tell whether alerts can be accepted: settings present, queue and tables in reach."""
    del req
    from rca import wiring

    checks = wiring.app().health()
    well = all(state == "ok" for state in checks.values())
    return json_response({"status": "ok" if well else "degraded", "checks": checks}, 200 if well else 503)


@bp.route(route="queue/status", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def queue_status(req: func.HttpRequest) -> func.HttpResponse:
    """Show how many messages wait in each queue."""
    from rca import wiring

    session_of(req)
    return json_response(wiring.app().overview.queue_status())


@bp.route(route="deadletters", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def dead_letters(req: func.HttpRequest) -> func.HttpResponse:
    """List what could not be processed, newest first."""
    from rca import wiring

    session_of(req)
    return json_response(wiring.app().overview.dead_letters())
