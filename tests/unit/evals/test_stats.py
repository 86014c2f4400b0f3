"""The figures against values worked out elsewhere."""

import pytest

from evals.stats import percentile, share, wilson


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    # Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson(right, of, low, high):
    assert wilson(right, of) == pytest.approx((low, high), abs=5e-5)


def test_nothing_measured_is_nothing_known():
    found = share([])
    assert (found.right, found.of, found.low, found.high) == (0, 0, 0.0, 1.0)


def test_one_answer_a_case_is_wilson():
    found = share([[True]] * 81 + [[False]] * 182)
    assert (found.low, found.high) == wilson(81, 263)


def test_repeats_of_the_same_cases_add_no_certainty():
    """Ten identical answers to each of 20 cases are worth 20 cases, not 200."""
    once = share([[True]] * 15 + [[False]] * 5)
    often = share([[True] * 10] * 15 + [[False] * 10] * 5)
    assert (often.right, often.of) == (150, 200)
    assert often.high - often.low == pytest.approx(once.high - once.low, abs=0.06)
    independent = wilson(150, 200)
    assert often.high - often.low > 2 * (independent[1] - independent[0])


def test_repeats_tell_how_much_cases_differ():
    """Shares of 3/4 and 1/4 by case vary less than all or nothing: the deviation is 0.25, not 0.5."""
    found = share([[True, True, True, False]] * 10 + [[True, False, False, False]] * 10)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.25 / 20**0.5, rel=0.15)


def test_repeats_give_the_same_interval_each_time():
    groups = [[True, False, True], [True, True, True], [False, False, True]] * 7
    assert share(groups) == share(groups)


def test_agreement_of_all_repeats_is_no_certainty():
    found = share([[True, True, True]] * 10)
    assert (found.low, found.high) == wilson(10, 10)


def test_percentiles_by_nearest_rank():
    values = [15.0, 20.0, 35.0, 40.0, 50.0]
    assert [percentile(values, part) for part in (0.05, 0.3, 0.4, 0.5, 1.0)] == [15, 20, 20, 35, 50]
    assert percentile([], 0.5) is None
