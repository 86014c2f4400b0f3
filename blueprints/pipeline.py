"""The stages between the queues; `%STORAGE_PREFIX%` is the setting that tells instances apart."""

from __future__ import annotations

import azure.functions as func

from blueprints.delivery import deliver

bp = func.Blueprint()

CONNECTION = "DataStorage"


@bp.queue_trigger(arg_name="msg", queue_name="%STORAGE_PREFIX%-alerts", connection=CONNECTION)
def extract(msg: func.QueueMessage) -> None:
    """Turn one alert into tickets, occurrences and recoveries."""
    deliver("alerts", msg, lambda app: app.extract)


@bp.queue_trigger(arg_name="msg", queue_name="%STORAGE_PREFIX%-analyses", connection=CONNECTION)
def analyse(msg: func.QueueMessage) -> None:
    """Find the root cause of one ticket."""
    deliver("analyses", msg, lambda app: app.analyse)


@bp.queue_trigger(arg_name="msg", queue_name="%STORAGE_PREFIX%-changes", connection=CONNECTION)
def project(msg: func.QueueMessage) -> None:
    """Make the read models follow one ticket."""
    deliver("changes", msg, lambda app: app.project)


@bp.queue_trigger(arg_name="msg", queue_name="%STORAGE_PREFIX%-deadlines", connection=CONNECTION)
def deadline(msg: func.QueueMessage) -> None:
    """Look at one ticket whose time is up."""
    deliver("deadlines", msg, lambda app: app.deadline)
