from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rca.domain.vocabulary import Source
from rca.sources import identity

MOMENT = datetime(2026, 11, 20, 2, 11, 30, 21000, tzinfo=UTC)
PARTS = st.lists(st.text(alphabet="ab/%F2_@:~", max_size=6), min_size=1, max_size=4)


def test_guids_and_data_factory_ids_have_no_case():
    assert identity.run(Source.ADF, "ABC-9") == identity.run(Source.ADF, "abc-9") == "run:abc-9"
    guid = "AD000000-1111-4000-8000-00000000000F"
    assert identity.run(Source.AZURE_MONITOR, guid) == f"run:{guid.lower()}"
    assert identity.run(Source.AZURE_MONITOR, "Backup-A") != identity.run(Source.AZURE_MONITOR, "backup-a")


def test_cluster_run_id_is_its_own_identity():
    named = identity.cluster("1121-055905-q5", "DRIVER_NOT_RESPONDING", MOMENT)
    assert named == "1121-055905-q5_DRIVER_NOT_RESPONDING_20261120021130"
    assert identity.run(Source.DATABRICKS_CLUSTER, named) == named


def test_cluster_ids_with_underscores_do_not_run_into_the_code():
    assert identity.cluster("a_B", "C", MOMENT) != identity.cluster("a", "B_C", MOMENT)


def test_moments_are_spelled_in_utc():
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=5)))
    assert identity.alert("/A/b", MOMENT) == identity.alert("/a/B", elsewhere)
    assert identity.condition("f", elsewhere) == "f@2026-11-20T02:11:30.021000Z"


@given(PARTS, PARTS)
def test_different_parts_never_give_the_same_path(one, other):
    assert (identity.path(*one) == identity.path(*other)) == (one == other)


def test_huge_ids_stay_short_and_different():
    paths = [
        identity.path("x" * 500_000),
        identity.path("x" * 500_001),
        identity.path("%%sha256:" + "0" * 64),
    ]
    assert all(len(path) < 500 for path in paths)
    assert all(one != other for one, other in combinations(paths, 2))
