"""Long logs keep what informs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.analysis.condense import condense, size


def test_short_text_is_left_alone() -> None:
    assert condense("a\nb", 100) == "a\nb"


def test_keeps_head_tail_and_the_errors_between() -> None:
    lines = [f"reading block {number} of the input" for number in range(5_000)]
    lines[0] = "job load_orders begins"
    lines[2_500] = "ERROR disk quota exceeded on /mnt/raw"
    lines[-1] = "job load_orders ends"
    shown = condense("\n".join(lines), 2_000)
    assert "job load_orders begins" in shown
    assert "ERROR disk quota exceeded on /mnt/raw" in shown
    assert shown.endswith("job load_orders ends")
    assert "lines left out" in shown
    assert size(shown) <= 2_000


def test_repeated_lines_are_counted() -> None:
    shown = condense("start\n" + "waiting for a lock\n" * 5_000 + "gave up", 2_000)
    assert shown == "start\nwaiting for a lock\n… repeated 4999 times …\ngave up"


def test_one_long_line_keeps_both_ends() -> None:
    shown = condense("begin " + "x" * 100_000 + " end", 1_000)
    assert shown.startswith("begin")
    assert shown.endswith("end")


@given(st.text(max_size=3_000), st.integers(0, 1_000))
def test_never_more_than_the_limit(text: str, limit: int) -> None:
    assert size(condense(text, limit)) <= max(limit, 0) or size(text) <= limit


@pytest.mark.parametrize(
    "text", ["error\n" * 170_000, "x" * 1_000_000, "a\nb\n" * 250_000, "é error\n" * 100_000]
)
def test_linear(text: str) -> None:
    start = time.process_time()
    condense(text, 20_000)
    assert time.process_time() - start < 2
