# ruff: noqa: E501 - messages stand as their systems write them
"""A retry that an entry allows is withheld where the message speaks against it."""

from datetime import UTC, datetime

import pytest

from rca.analysis.rules import analyse
from rca.domain.failure import Failure
from rca.domain.vocabulary import Source


def remediable(message, source=Source.AIRFLOW):
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return analyse(
        Failure(source=source, resource="r", run_id="1", identity="1", occurred_at=at, message=message)
    ).remediable


SAFE = [
    "requests.exceptions.ReadTimeout: Read timed out. (read timeout=30) for GET /v1/orders",
    "429 Client Error: Too Many Requests for url: https://api.example.net/v1",
    "ConnectTimeout: could not connect to server; nothing was written",
    "503 Server Error: Service Unavailable",
    "deadlock detected; the transaction was rolled back while updating stg.orders",
]
UNSAFE = [
    ("a write whose answer was lost", "requests.exceptions.ReadTimeout: Read timed out: POST https://pay.example.com/transfer"),
    ("a commit in doubt", "Connection reset by peer; the outcome of the commit is unknown"),
    ("a submission without an id", "POST on https://livy.example.com/batches answered 504 after submission; batch id not returned"),
    ("a sign-in beside it", "Connection refused after 3 tries; Caused by: AuthenticationException: invalid password"),
    ("code that failed inside", "500 Internal Server Error: Exception while executing function: KeyError: 'customerId'"),
    ("a hard limit", "500 Query exceeded limit for bytes billed: 1099. 2199 or higher required."),
    ("a refused image", "Docker API responded with status code=InternalServerError: unauthorized: authentication required"),
    ("a clock that is off", "connect() failed: Connection timed out\nWARN GSS initiate failed: Clock skew too great\nERROR gave up"),
    ("a blocked host", "(1129, \"Host '10.0.0.1' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'\")"),
]  # fmt: skip


@pytest.mark.parametrize("message", SAFE)
def test_a_passing_fault_is_retried(message):
    assert remediable(message)


@pytest.mark.parametrize(("why", "message"), UNSAFE, ids=lambda value: value[:30])
@pytest.mark.parametrize("source", [Source.AIRFLOW, Source.ADF, Source.DATABRICKS_JOB])
def test_in_doubt_it_is_not(why, message, source):
    assert not remediable(message, source), why


@pytest.mark.parametrize(
    "message",
    [
        "ThrottledRequests Total 9112 GreaterThan 0, namespace evhns-x, PT5M",
        "Alert api-429: resultCode 429, 1880 calls in 5 min",
        "startup probe failed: connect: connection refused on :8000/healthz",
    ],
)
def test_a_metric_over_its_threshold_has_nothing_to_start_again(message):
    assert not remediable(message, Source.AZURE_MONITOR)


def test_a_management_operation_that_was_throttled_may_be_sent_again():
    message = "Microsoft.ContainerService/managedClusters/write Failed: SubscriptionRequestsThrottled, try again later"
    assert remediable(message, Source.AZURE_MONITOR)
