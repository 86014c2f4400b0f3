"""What somebody pastes, analysed at once."""

from __future__ import annotations

import azure.functions as func

from blueprints.http import handled, json_body, json_response, require_role

bp = func.Blueprint()

_LARGEST = 1_048_576


@bp.route(route="analyze", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@handled
def analyze(req: func.HttpRequest) -> func.HttpResponse:
    """Analyse a pasted text or payload, and open a ticket if asked."""
    from rca import wiring
    from rca.domain.accounts import Role
    from rca.workflow.inquiry import Inquiry

    require_role(req, Role.VIEWER)
    inquiry = Inquiry.of(json_body(req, _LARGEST))
    if inquiry.open_ticket:
        require_role(req, Role.RESPONDER)
    findings = wiring.app().inquiries(inquiry)
    if findings.alert_id is None:
        return json_response(findings.body())
    origin, _, _ = req.url.partition("/api/")
    status_url = f"{origin}/api/alerts/{findings.alert_id}"
    body = {"alert_id": findings.alert_id, "status_url": status_url, **findings.body()}
    return json_response(body, 202, {"Location": status_url})
