"""Templates of queries: what a file may hold, and where a label's value may stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from rca.evidence.query_templates import QueriesError, load_queries, queries_of
from rca.evidence.settings import EvidenceSettings


def load(tmp_path: Path, text: str):  # type: ignore[no-untyped-def]
    file = tmp_path / "queries.yaml"
    file.write_text(text)
    return load_queries(file)


def one(tmp_path: Path, query: str):  # type: ignore[no-untyped-def]
    return load(tmp_path, f"prometheus:\n  - title: t\n    query: |-\n      {query}\n").prometheus[0]


def test_the_built_in_file_is_sound() -> None:
    queries = queries_of(EvidenceSettings())

    assert len(queries.prometheus) > 15
    assert len(queries.loki) > 5
    assert all(template.labels for template in (*queries.prometheus, *queries.loki))


def test_a_template_applies_where_its_labels_are(tmp_path: Path) -> None:
    text = "loki: [{title: t, query: '{a=\"{{x}}\"}', alerts: ^Kube, without: [pod]}]"
    template = load(tmp_path, text).loki[0]

    assert template.applies({"x": "1", "alertname": "KubePodCrash"})
    assert not template.applies({"x": "1", "alertname": "Other"})
    assert not template.applies({"alertname": "KubePodCrash"})
    assert not template.applies({"x": "1", "alertname": "KubePodCrash", "pod": "p"})


@pytest.mark.parametrize(
    "query",
    [
        "up{job={{x}}}",
        "up{job='{{x}}'}",
        "up{job=`{{x}}`}",
        "rate({{x}}[5m])",
        'up{job="a"}[{{x}}]',
        'up{job=~"{{x}}"}',
        'up{job!~ "{{x}}"}',
        '{a="b"} |~ "{{x}}"',
        'up{job="{{x|regex}}"}',
        'up{job="a',
        'up{job="a\\"{{x}}}',
    ],
)
def test_a_place_stands_only_where_escaping_holds(tmp_path: Path, query: str) -> None:
    with pytest.raises(QueriesError, match=r"prometheus\[0\]"):
        one(tmp_path, query)


@pytest.mark.parametrize(
    "query",
    [
        'up{job="{{x}}"}',
        'up{job="pre-{{ x }}-post"}',
        'up{job=~"{{x|regex}}.*"}',
        'up{a="\\"",job="{{x}}"}',
        '{a="{{x}}"} | line_format "{{.message}}"',
    ],
)
def test_a_place_in_a_string_is_filled(tmp_path: Path, query: str) -> None:
    assert "val" in one(tmp_path, query).filled({"x": "val"})


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "other: 1",
        "prometheus: {a: 1}",
        "prometheus: [7]",
        "prometheus: [{title: t}]",
        "prometheus: [{title: t, query: q, colour: red}]",
        "prometheus: [{title: t, query: q, alerts: '('}]",
        "prometheus: [{title: t, query: q, without: pod}]",
        "window: {before_minutes: -1}",
        "window: {before_minutes: soon}",
        "window: 7",
        "a: [",
        "!!python/object/apply:os.system ['true']",
    ],
)
def test_an_unusable_file_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(QueriesError):
        load(tmp_path, text)
