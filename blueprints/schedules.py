"""What runs by the clock."""

from __future__ import annotations

import azure.functions as func

bp = func.Blueprint()


@bp.timer_trigger(arg_name="timer", schedule="0 * * * * *")
def sweep(timer: func.TimerRequest) -> None:
    """Every minute, keep what the host gave up on as dead letters."""
    del timer
    from rca import wiring

    wiring.app().sweep()
