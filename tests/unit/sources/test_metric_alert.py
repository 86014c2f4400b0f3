import copy

from rca.domain.failure import Kind
from rca.domain.vocabulary import Severity, Source
from tests.unit.sources.payloads import FACTORY, alert, failure, metric, recovery


def test_condition_of_a_data_factory():
    found = failure(metric(severity="Sev2"))
    assert (found.source, found.kind, found.resource) == (Source.ADF, Kind.CONDITION, "pl_a")
    assert found.code == "PipelineFailedRuns"
    assert found.severity is Severity.MEDIUM
    assert found.labels["factory"] == "adf-test"
    assert found.labels["resource_id"] == FACTORY
    assert (
        "Total of PipelineFailedRuns over PT5M is 2, alert when GreaterThan 0 (Name: pl_a)." in found.message
    )


def test_resolved_closes_what_fired():
    fired = failure(metric())
    over = recovery(metric(monitorCondition="Resolved", resolvedDateTime="2026-11-20T04:00:00Z"))
    assert over.closes
    assert (over.identity, over.run_id, over.resource) == (fired.identity, fired.run_id, fired.resource)


def test_firing_again_is_another_condition():
    assert failure(metric()).identity != failure(metric(firedDateTime="2026-11-20T09:00:00Z")).identity


def test_several_dimension_sets_are_one_condition():
    payload = metric()
    criteria = payload["data"]["alertContext"]["condition"]["allOf"]
    criteria.append(
        copy.deepcopy(criteria[0]) | {"dimensions": [{"name": "FailureType", "value": "UserError"}]}
    )
    found = failure(payload)
    assert found.labels["Name"] == "pl_a"
    assert found.labels["FailureType"] == "UserError"
    assert found.message.count("PipelineFailedRuns") == 2


def test_metric_of_any_other_resource():
    target = "/subscriptions/5ab/resourcegroups/rg/providers/microsoft.storage/storageaccounts/stlanding"
    found = failure(metric(alertTargetIDs=[target], targetResourceType="microsoft.storage/storageaccounts"))
    assert (found.source, found.resource) == (Source.AZURE_MONITOR, "stlanding")


def test_managed_prometheus():
    context = {
        "labels": {"alertname": "KubePodNotReady", "namespace": "airflow"},
        "annotations": {"description": "A pod is not ready"},
        "expression": "up == 0",
    }
    found = failure(alert(context, signalType="Metric", monitoringService="Prometheus"))
    assert (found.kind, found.code) == (Kind.CONDITION, "KubePodNotReady")
    assert found.labels["namespace"] == "airflow"
    assert "A pod is not ready" in found.message
