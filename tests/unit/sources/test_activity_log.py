import json

import pytest

from rca.domain.failure import Benign, Kind
from rca.domain.vocabulary import Severity, Source
from tests.unit.sources.payloads import alert, failure, only, recovery

VAULT = "/subscriptions/5ab/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv"


def logged(status: str = "Failed", level: str = "Error", **essentials: str) -> dict:
    context = {
        "operationName": "Microsoft.KeyVault/vaults/write",
        "status": status,
        "level": level,
        "caller": "release@example.com",
        "claims": '{"aud": "x"}',
        "eventTimestamp": "2026-11-20T01:50:03.1137721+00:00",
        "properties": {
            "statusMessage": json.dumps({"error": {"code": "Denied", "message": "Not by policy"}})
        },
    }
    kind = {"signalType": "Activity Log", "monitoringService": "Activity Log - Administrative"}
    return alert(context, alertTargetIDs=[VAULT], **(kind | essentials))


def test_failed_operation():
    found = failure(logged())
    assert (found.source, found.kind, found.resource) == (Source.AZURE_MONITOR, Kind.RUN, "kv")
    assert found.message == "Microsoft.KeyVault/vaults/write on kv: Failed.\nNot by policy\nSomething failed"
    assert (found.code, found.severity) == ("Denied", Severity.HIGH)
    assert found.occurred_at.isoformat() == "2026-11-20T01:50:03.113772+00:00"
    assert found.identity.startswith("alert:")
    assert "claims" not in found.labels


@pytest.mark.parametrize("status", ["Started", "Accepted"])
def test_what_has_only_begun_is_benign(status):
    assert isinstance(only(logged(status)), Benign)


def test_success_that_a_rule_watches_for_opens_a_ticket():
    found = failure(logged("Succeeded", "Informational"))
    assert found.severity is Severity.LOW


def test_resolved_is_a_note():
    assert not recovery(logged(monitorCondition="Resolved")).closes


@pytest.mark.parametrize("properties", [None, "text", "{", [], {"statusMessage": "{"}, {"statusMessage": 7}])
def test_odd_properties(properties):
    payload = logged()
    payload["data"]["alertContext"]["properties"] = properties
    assert failure(payload).message.startswith("Microsoft.KeyVault/vaults/write on kv: Failed.")


def test_service_health():
    context = {
        "status": "Active",
        "properties": json.dumps({"title": "Storage is degraded", "service": "Storage"}),
    }
    found = failure(alert(context, monitoringService="ServiceHealth", signalType="Activity Log"))
    assert "Storage is degraded" in found.message
