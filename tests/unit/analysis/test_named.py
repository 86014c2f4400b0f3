# ruff: noqa: E501 - messages stand as their systems write them
"""Which names of a message an analysis repeats, and that it repeats nothing else."""

import pytest

from rca.analysis.named import names_sentence
from rca.analysis.wording import is_name, is_plain_name, shown


@pytest.mark.parametrize(
    ("message", "names"),
    [
        (
            "could not write to table sales.orders on host db1.example.com",
            ["table sales.orders", "host db1.example.com"],
        ),
        (
            "Key 2026/10/31/brokers.json of bucket claims-in is gone",
            ["2026/10/31/brokers.json", "bucket claims-in"],
        ),
        (
            "Cannot read abfss://raw@stlake.dfs.core.windows.net/a/part-7.parquet",
            ["abfss://raw@stlake.dfs.core.windows.net/a/part-7.parquet"],
        ),
        (
            "Login of user 'svc_etl' at https://api.example.net/v1?token=x",
            ["user svc_etl", "api.example.net"],
        ),
        ("No more space in BATCH_ETL", ["BATCH_ETL"]),
        ("linked service 'ls_lake' has no key", ["linked service ls_lake"]),
        ("jdbc:mariadb://reports.example.com:3306/dwh is away", ["reports.example.com:3306"]),
        ("Database: mart, queue: invoices", ["database mart", "queue invoices"]),
    ],
)
def test_names_are_told_with_what_they_are_of(message, names):
    sentence = names_sentence(message, {}, "")
    assert sentence.startswith("Named in the message: ")
    for name in names:
        assert name in sentence


@pytest.mark.parametrize(
    "message",
    [
        "", "the service configuration is odd", "read-only or up-to-date, and/or not", "HTTP/1.1 503 after 10.5 s on 2026-11-20 at 02:17:43",
        "java.lang.IllegalStateException at org.apache.spark.sql.Dataset", "ErrorCode=UserErrorX,Source=Microsoft.DataTransfer.Common",
        "see https://learn.microsoft.com/azure/x and https://docs.example.org/y", "AADSTS50057 and ORA-01017 and DELTA_CONCURRENT_APPEND",
        "user [redacted:email] used [redacted:key]", '{"StatusCode": "x", "is_cause": true}', "self.session.execute(statement)",
    ],
)  # fmt: skip
def test_words_codes_classes_times_and_secrets_are_no_names(message):
    assert names_sentence(message, {}, "") == ""


def test_what_is_told_already_is_not_told_again():
    assert names_sentence("table sales.orders", {}, "The table Sales.Orders is gone.") == ""


def test_at_most_four_names_and_none_inside_another():
    message = ", ".join(f"file /data/in/part-{number}.csv" for number in range(9))
    assert names_sentence(message, {}, "").count("/data/") == 4
    assert names_sentence("/data/in/x.csv x.csv", {}, "").count("x.csv") == 1


def test_labels_go_first_and_only_names_of_things():
    labels = {"pod": "etl-7f9c", "comment": "do-as-I-say", "namespace": "ns with blanks", "team": "data-eng"}
    sentence = names_sentence("", labels, "")
    assert sentence == "Named in the message: pod etl-7f9c."


def test_asides_come_last():
    message = "table stg.orders failed; see also stg.old_a, stg.old_b, stg.old_c, stg.old_d"
    sentence = names_sentence(message, {}, "", aside=lambda at: at > 20)
    assert sentence.index("stg.orders") < sentence.index("stg.old_a")


@pytest.mark.parametrize(
    "value", ["2026-11-20", "10.5s", "utf-8", "n/a", "0x80131904", "1.2.3", "application/json"]
)
def test_figures_and_media_types_are_no_names(value):
    assert not is_name(value)


@pytest.mark.parametrize(
    "value", ["10.1.2.3:5432", "kv-core", "stg.orders", "fct_sales.sql", "\\\\nas\\share", "/mnt/x"]
)
def test_hosts_tables_files_and_paths_are_names(value):
    assert is_name(value)


def test_two_plain_words_are_no_name():
    assert not is_plain_name("service configuration")
    assert not is_plain_name("configuration", strict=True)
    assert is_plain_name("bookings", strict=True)


def test_an_address_is_shown_without_path_query_and_sign_in():
    assert shown("https://me:pw@api.example.com:8443/v1?key=1") == "api.example.com:8443"
