"""Azure Functions failures and all else that an alert reports and no other module claims."""

from __future__ import annotations

from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.sources import alert_rows, fields, identity, messages
from rca.sources.azure_alert import Alert, Record

_RUN = ("InvocationId", "FunctionInvocationId", "OperationId", "RunId")
_RESOURCE = (
    "FunctionName",
    "OperationName",
    "AppRoleName",
    "CloudRoleName",
    "AppName",
    "ResourceName",
    "Computer",
)
_APP = ("AppRoleName", "CloudRoleName", "AppName", "FunctionAppName")
_MESSAGE = (
    "ErrorMessage",
    "OuterMessage",
    "ExceptionMessage",
    "InnermostMessage",
    "Message",
    "RenderedDescription",
    "ResultDescription",
    "Error",
)
_CODE = ("ProblemId", "ResultCode", "StatusCode")


def describe(record: Record, alert: Alert, source: Source) -> Failure:
    """Describe the failure that a row or, where there is no row, the alert itself reports."""
    sent = record.id(*_RUN)
    run_id = identity.run_id(source, sent) if sent else None
    message = record.text(*_MESSAGE)
    raised = record.name("ExceptionType")
    if message and raised and raised not in message:
        message = f"{raised}: {message}"
    return Failure(
        source=source,
        resource=_resource(record) or alert.target or alert.rule or "unnamed resource",
        run_id=run_id or alert.run_id,
        identity=identity.run(source, run_id) if run_id else alert.identity,
        occurred_at=record.time("TimeGenerated", "Timestamp", "Time", "EventTime") or alert.at,
        message=message or alert.told(record),
        code=_code(record, raised) or messages.exception_class(message or ""),
        severity=alert.severity,
        entity=record.name("FunctionName", "OperationName") or alert.target,
        link=record.link or alert_rows.link(alert),
        labels=fields.labels(
            {
                "app": record.name(*_APP),
                "operation_id": record.id("OperationId"),
                "resource_id": record.text("ResourceId"),
            },
            alert.labels(),
        ),
    )


def _code(record: Record, raised: str | None) -> str | None:
    """Return the error code, else the exception's class without its namespace, else what stands for either."""
    return record.name("ErrorCode") or (raised.rsplit(".", 1)[-1] if raised else record.name(*_CODE))


def _resource(record: Record) -> str | None:
    """`app/function` where the row names both, else whichever it names."""
    app, function = record.name(*_APP), record.name("FunctionName")
    if app and function:
        return fields.shorten(f"{app}/{function}", fields.MAX_NAME)
    return record.name(*_RESOURCE)
