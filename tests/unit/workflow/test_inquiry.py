from rca.analysis.diagnosis import Diagnosis
from rca.analysis.rules import analyse
from rca.analysis.verdict import failure_of
from rca.domain.vocabulary import Source
from rca.workflow.inquiry import analysed


def test_a_slow_model_is_not_asked_again_after_a_minute():
    now, asked = [0.0], []

    def slow(failure):
        asked.append(failure)
        now[0] += 61
        return Diagnosis(analysis=analyse(failure), model="m-1")

    failures = [failure_of(Source.AIRFLOW, f"KeyError: '{name}'") for name in "abc"]
    analyses, notes = analysed(failures, slow, analyse, lambda: now[0])
    assert len(asked) == 1
    assert [each["model"] for each in analyses] == ["m-1", None, None]
    assert notes[0].startswith("2 of 3 failures were analysed by the rules alone")


def test_a_bare_message_is_redacted_and_gets_neutral_names():
    failure = failure_of(
        Source.ADF, "password=hunter22x", code="token=abc123def456ghi7", resource="mail ana@example.com"
    )
    assert "hunter22x" not in failure.message
    assert "abc123def456" not in (failure.code or "")
    assert "ana@" not in failure.resource
    assert failure_of(Source.ADF, "x").resource == "the pipeline"
