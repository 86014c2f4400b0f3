"""Where alerts come in: one route a sender, each with a function key of its own."""

from __future__ import annotations

import azure.functions as func

from blueprints.http import handled, json_response

bp = func.Blueprint()


@bp.route(route="azure-monitor", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def azure_monitor(req: func.HttpRequest) -> func.HttpResponse:
    """Take what an Azure Monitor action group sends in the common alert schema."""
    return _accept(req, "azure-monitor")


@bp.route(route="azure-monitor-alert", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def azure_monitor_alert(req: func.HttpRequest) -> func.HttpResponse:
    """Take what an Azure Monitor rule over Databricks cluster logs sends."""
    return _accept(req, "azure-monitor-alert")


@bp.route(route="databricks-monitor", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def databricks_monitor(req: func.HttpRequest) -> func.HttpResponse:
    """Take what a Databricks notification destination sends."""
    return _accept(req, "databricks-monitor")


@bp.route(route="airflow-monitor", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def airflow_monitor(req: func.HttpRequest) -> func.HttpResponse:
    """Take what our Airflow callback sends."""
    return _accept(req, "airflow-monitor")


@bp.route(route="webhook/alerts", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def alertmanager(req: func.HttpRequest) -> func.HttpResponse:
    """Take what Prometheus Alertmanager sends to a webhook receiver."""
    return _accept(req, "webhook/alerts")


@bp.route(route="logicapp", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def logicapp(req: func.HttpRequest) -> func.HttpResponse:
    """Take what a Logic App relays."""
    return _accept(req, "logicapp")


@bp.route(route="alerts/custom", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@handled
def custom_alert(req: func.HttpRequest) -> func.HttpResponse:
    """Take the documented minimal JSON from anything else."""
    return _accept(req, "alerts/custom")


@bp.route(route="alerts/{alert_id}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@handled
def alert_status(req: func.HttpRequest) -> func.HttpResponse:
    """Tell what became of an alert."""
    from rca import wiring

    alert_id = req.route_params["alert_id"]
    fate = wiring.app().intake.fate(alert_id)
    tickets = [{"ticket_id": outcome.ticket_id, "outcome": outcome.outcome} for outcome in fate.tickets]
    reason = {"reason": fate.reason} if fate.reason else {}
    return json_response({"alert_id": alert_id, "status": fate.status, **reason, "tickets": tickets})


@bp.route(route="dedup-check", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@handled
def dedup_check(req: func.HttpRequest) -> func.HttpResponse:
    """Tell whether a run has a ticket."""
    from rca import wiring

    return json_response(
        wiring.app().overview.known(req.params.get("source", ""), req.params.get("run_id", ""))
    )


def _accept(req: func.HttpRequest, route: str) -> func.HttpResponse:
    from rca import wiring

    alert_id = wiring.app().intake.accept(req.get_body(), route)
    origin, _, _ = req.url.partition("/api/")
    status_url = f"{origin}/api/alerts/{alert_id}"
    return json_response({"alert_id": alert_id, "status_url": status_url}, 202, {"Location": status_url})
