import pytest

from rca.domain.failure import Benign, Kind, Recovery
from rca.domain.vocabulary import Severity, Source
from rca.errors import ShapeError
from tests.unit.sources.payloads import events, failure, firing, only, prometheus, read, recovery

ROUTE = "webhook/alerts"


def test_firing_alert():
    found = failure(prometheus(firing(namespace="airflow", pod="scheduler-1")), ROUTE)
    assert (found.source, found.kind, found.resource) == (
        Source.PROMETHEUS,
        Kind.CONDITION,
        "airflow/scheduler-1",
    )
    assert found.identity == "f1@2026-11-20T08:00:00.000000Z"
    assert (found.code, found.severity) == ("Broken", Severity.CRITICAL)
    assert found.message == "Broken fires for airflow/scheduler-1: It broke."
    assert found.labels["pod"] == "scheduler-1"


def test_every_alert_of_the_group_counts():
    over = firing("f2") | {"status": "resolved", "endsAt": "2026-11-20T09:00:00Z"}
    one, other = events(prometheus(firing(), over), ROUTE)
    assert one.identity == "f1@2026-11-20T08:00:00.000000Z"  # type: ignore[union-attr]
    assert isinstance(other, Recovery)
    assert other.closes
    assert other.at.isoformat() == "2026-11-20T09:00:00+00:00"


def test_resolved_has_the_identity_of_its_firing_in_any_spelling():
    over = firing(starts="2026-11-20T09:00:00.000000000+01:00") | {"status": "resolved"}
    assert recovery(prometheus(over), ROUTE).identity == failure(prometheus(firing()), ROUTE).identity


def test_the_next_episode_is_another_condition():
    later = failure(prometheus(firing(starts="2026-11-20T10:00:00Z")), ROUTE)
    assert later.identity != failure(prometheus(firing()), ROUTE).identity


def test_labels_stand_in_for_a_missing_fingerprint():
    one = failure(prometheus(firing(None, pod="a")), ROUTE).identity
    assert one == failure(prometheus(firing(None, pod="a")), ROUTE).identity
    assert one != failure(prometheus(firing(None, pod="b")), ROUTE).identity


def test_status_of_the_group_stands_in():
    alert = firing()
    del alert["status"]
    assert isinstance(only(prometheus(alert, status="resolved"), ROUTE), Recovery)
    assert failure(prometheus(alert), ROUTE)


@pytest.mark.parametrize(
    ("labels", "resource"),
    [
        ({"namespace": "n", "pod": "p", "service": "s", "instance": "i"}, "n/p"),
        ({"namespace": "n", "deployment": "d", "pod": "kube-state-metrics-1"}, "n/d"),
        (
            {"namespace": "n", "job_name": "j", "job": "kube-state-metrics", "pod": "kube-state-metrics-1"},
            "n/j",
        ),
        ({"namespace": "n", "service": "s", "job": "j"}, "n/s"),
        ({"namespace": "monitoring", "pod": "node-exporter-1", "instance": "10.0.0.1:9100"}, "10.0.0.1:9100"),
        ({"node": "vm1", "pod": "kube-state-metrics-1", "namespace": "monitoring"}, "vm1"),
        (
            {"alertname": "KubePodCrashLooping", "namespace": "m", "pod": "node-exporter-1"},
            "m/node-exporter-1",
        ),
        ({"namespace": "n", "instance": "i"}, "n/i"),
        ({"job": "j"}, "j"),
        ({"namespace": "n"}, "n"),
        ({}, "Broken"),
    ],
)
def test_resource_is_the_most_specific_object(labels, resource):
    assert failure(prometheus(firing(**labels)), ROUTE).resource == resource


@pytest.mark.parametrize("name", ["Watchdog", "InfoInhibitor"])
def test_heartbeats_are_benign(name):
    assert isinstance(only(prometheus(firing(alertname=name)), ROUTE), Benign)


def test_truncated_alerts_are_remarked():
    assert "4 more alerts" in read(prometheus(firing(), truncatedAlerts=4), ROUTE).notes[0]
    assert read(prometheus(firing(), truncatedAlerts=0), ROUTE).notes == ()


def test_one_unreadable_alert_does_not_cost_the_others():
    reading = read(prometheus(firing(), firing("f2", None), None), ROUTE)
    assert len(reading.events) == 1
    assert "alerts[1].startsAt, alerts[2].labels, alerts[2].startsAt" in reading.notes[0]


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({"alerts": []}, ("alerts",)),
        ({"groupKey": "{}", "receiver": "x"}, ("alerts",)),
        ({"alerts": [{"labels": {"a": "b"}}]}, ("alerts[0].startsAt",)),
    ],
)
def test_what_is_missing_is_named(payload, fields):
    with pytest.raises(ShapeError) as raised:
        read(payload, ROUTE)
    assert raised.value.fields == fields


def test_links_to_anything_but_the_web_are_dropped():
    assert failure(prometheus(firing() | {"generatorURL": "javascript:alert(1)"}), ROUTE).link is None
