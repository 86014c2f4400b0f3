"""The live dashboard: SignalR negotiation, and the messages that the dashboards hear."""

from __future__ import annotations

import azure.functions as func

from blueprints.http import handled, session_of

bp = func.Blueprint()

HUB = "tickets"
CONNECTION = "AzureSignalRConnectionString"


@bp.route(route="negotiate", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@bp.generic_input_binding(
    arg_name="info", type="signalRConnectionInfo", hubName=HUB, connectionStringSetting=CONNECTION
)
def negotiate(req: func.HttpRequest, info: str) -> func.HttpResponse:
    """Give whoever has a session the address and token of the live connection."""

    def answer(request: func.HttpRequest) -> func.HttpResponse:
        session_of(request)
        return func.HttpResponse(info, mimetype="application/json", headers={"Cache-Control": "no-store"})

    return handled(answer)(req)


@bp.queue_trigger(arg_name="msg", queue_name="%STORAGE_PREFIX%-broadcasts", connection="DataStorage")
@bp.generic_output_binding(
    arg_name="signalr", type="signalR", hubName=HUB, connectionStringSetting=CONNECTION
)
def broadcast(msg: func.QueueMessage, signalr: func.Out[str]) -> None:
    """Tell the dashboards that a ticket changed; its own function, so that an outage redoes no ticket work."""
    import json

    message = json.loads(msg.get_body())
    event = {
        "target": message["event"],
        "arguments": [{"id": message["ticket_id"], "version": message["version"]}],
    }
    signalr.set(json.dumps(event))
