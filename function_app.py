"""Registers the triggers with the Functions host, nothing else."""

import azure.functions as func

from blueprints import accounts, alerts, analyze, live, operations, pipeline, schedules, tickets

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

for blueprint in (
    accounts.bp,
    alerts.bp,
    analyze.bp,
    live.bp,
    operations.bp,
    pipeline.bp,
    schedules.bp,
    tickets.bp,
):
    app.register_functions(blueprint)
