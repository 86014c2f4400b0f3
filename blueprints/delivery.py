"""Hands queue messages to the workflow's wrapper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import azure.functions as func

    from rca.wiring import App
    from rca.workflow.delivery import Handler


def deliver(queue: str, msg: func.QueueMessage, handler: Callable[[App], Handler]) -> None:
    """Run the handler of one stage on one message; what it raises, the host sees and tries again."""
    from rca import wiring
    from rca.workflow.delivery import Delivery

    app = wiring.app()
    text = msg.get_body().decode("utf-8", "replace")
    # Built inside the wrapper: a setting that is not set yet delays the message like any other outage.
    app.deliverer.deliver(
        Delivery(queue, text, msg.dequeue_count or 1), lambda message, first: handler(app)(message, first)
    )
