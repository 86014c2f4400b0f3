"""Renderings of one failure share a signature; different failures don't."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.domain.signature import signature, template
from rca.domain.vocabulary import Source

SAME = {
    "guid": (
        "Activity copy failed, run 7f6d1c2e-11aa-4b5c-9d3e-0a1b2c3d4e5f: blob raw/orders.csv missing",
        "Activity copy failed, run 00000000-22bb-4b5c-9d3e-ffffffffffff: blob raw/orders.csv missing",
    ),
    "time in front": (
        "2026-11-20 02:17:43,551 ERROR Could not open table sales",
        "2026-11-21T14:07:03.9Z ERROR Could not open table sales",
    ),
    "month by name": (
        "Nov 20 02:17:43 disk full on /var/data",
        "Dec 1 23:07:01 disk full on /var/data",
    ),
    "date in path": (
        "FileNotFoundError: /mnt/raw/orders/2026/11/20/orders.csv",
        "FileNotFoundError: /mnt/raw/orders/2026/12/01/orders.csv",
    ),
    "date in file name": (
        "source blob orders_20261120.csv does not exist",
        "source blob orders_20261201.csv does not exist",
    ),
    "dashed date in file name": (
        "source blob orders_2026-11-20.csv does not exist",
        "source blob orders_2026-12-01.csv does not exist",
    ),
    "partition in path": (
        "Path does not exist: abfss://raw@lake.dfs.core.windows.net/orders/region=eu/dt=2026-11-20",
        "Path does not exist: abfss://raw@lake.dfs.core.windows.net/orders/region=us/dt=2026-11-21",
    ),
    "partition in sql": (
        "Cannot overwrite table orders partition (dt='2026-11-20', region='eu')",
        "Cannot overwrite table orders partition (dt='2026-11-21', region='us')",
    ),
    "partition in brackets": (
        "Files were added to partition [date=2026-11-20, country=DE] by a concurrent update",
        "Files were added to partition [date=2026-11-21, country=FR] by a concurrent update",
    ),
    "partition in words": (
        "No data for partition country=DE of table visits",
        "No data for partition country=FR of table visits",
    ),
    "named host": ("server SQLPROD03 is unreachable", "server SQLPROD04 is unreachable"),
    "node of a scale set": (
        "Node aks-pool1-12345678-vmss000003 is not ready: kubelet stopped",
        "Node aks-pool1-12345678-vmss00000a is not ready: kubelet stopped",
    ),
    "worker number": (
        "ExecutorLostFailure (executor 3 exited unrelated to the running tasks) on worker-12",
        "ExecutorLostFailure (executor 17 exited unrelated to the running tasks) on worker-4",
    ),
    "host in a domain": (
        "Cannot connect to db01.prod.example.com: connection refused",
        "Cannot connect to db02.prod.example.com: connection refused",
    ),
    "address and port": (
        "Connection to 10.1.2.3:54321 refused by sql gateway",
        "Connection to 10.20.30.40:1433 refused by sql gateway",
    ),
    "ipv6": (
        "Connection to fe80::1ff:fe23:4567:890a refused by sql gateway",
        "Connection to 2001:db8::ff00:42:8329 refused by sql gateway",
    ),
    "aws host": (
        "Lost task on ip-10-139-64-5.ec2.internal, heartbeat missing",
        "Lost task on ip-10-139-71-112.ec2.internal, heartbeat missing",
    ),
    "line": (
        'Traceback (most recent call last):\n  File "/dbfs/jobs/load.py", line 12, in main\n    run()\n'
        "KeyError: 'customer_id'",
        'Traceback (most recent call last):\n  File "/dbfs/jobs/load.py", line 97, in main\n    run()\n'
        "KeyError: 'customer_id'",
    ),
    "java frames": (
        "java.lang.NullPointerException: schema\n\tat a.B.c(B.java:12)\n\tat a.D.e(D.java:3)\n\t... 23 more",
        "java.lang.NullPointerException: schema\n\tat a.B.c(B.java:19)\n\t... 7 more",
    ),
    "duration": (
        "Query on table sales exceeded the time-out of 120 s",
        "Query on table sales exceeded the time-out of 2 minutes",
    ),
    "compound duration": (
        "Sensor wait_for_file timed out after 1h 2m 3s",
        "Sensor wait_for_file timed out after 600 seconds",
    ),
    "size": (
        "Container killed by YARN for exceeding memory limits. 5.5 GB of 5 GB physical memory used",
        "Container killed by YARN for exceeding memory limits. 10.4 GB of 10 GB physical memory used",
    ),
    "memory address": (
        "<Task object at 0x7f3c2a5b1d90> raised OSError: broken pipe",
        "<Task object at 0x7fa011223344> raised OSError: broken pipe",
    ),
    "java hash": ("lock held by Session@1a2b3c4d on table t", "lock held by Session@9f00aa11 on table t"),
    "attempt": (
        "Attempt 1 of 3 failed: could not acquire lock on orders",
        "Attempt 3 of 3 failed: could not acquire lock on orders",
    ),
    "airflow run id": (
        "dag load_orders run manual__2026-11-20T02:17:43.551+00:00 failed in task extract",
        "dag load_orders run scheduled__2026-11-21T00:00:00+00:00 failed in task extract",
    ),
    "pod": (
        "Pod orders-api-7d9f8b6c5d-x2x4z is in CrashLoopBackOff",
        "Pod orders-api-6c5d7d9f8b-b4k2m is in CrashLoopBackOff",
    ),
    "cluster id": (
        "Cluster 1121-055905-q5xcz4bm terminated: driver not responding",
        "Cluster 0903-101112-abcd1234 terminated: driver not responding",
    ),
    "yarn ids": (
        "application_1700000000000_0001 failed 2 times due to AM container exit",
        "application_1711111111111_0042 failed 2 times due to AM container exit",
    ),
    "query of a url": (
        "GET https://api.example.com/v1/orders?page=3&sig=abc returned status 503",
        "GET https://api.example.com/v1/orders?page=77&sig=zzz returned status 503",
    ),
    "counts": (
        "Expected 5 fields in line 23, saw 7 in orders.csv",
        "Expected 5 fields in line 99, saw 8 in orders.csv",
    ),
    "json position": (
        "JSONDecodeError: Expecting ',' delimiter: line 1 column 34 (char 33)",
        "JSONDecodeError: Expecting ',' delimiter: line 1 column 102 (char 101)",
    ),
    "spark stage": (
        "Job aborted due to stage failure: Task 3 in stage 12.0 failed 4 times, TID 345: ArithmeticException",
        "Job aborted due to stage failure: Task 0 in stage 7.1 failed 4 times, TID 9: ArithmeticException",
    ),
    "progress": (
        "2026-11-20 02:17:43 INFO read 10 files\n2026-11-20 02:17:44 ERROR cannot cast column amount",
        "2026-11-20 02:17:44 ERROR cannot cast column amount",
    ),
    "quotes and spaces": ('Column "amount"  not found', "Column `amount` not found"),
    "temporary directory": (
        "cannot write /tmp/tmpab12cd34/out.parquet: no space left",
        "cannot write /tmp/tmpzz99xy00/out.parquet: no space left",
    ),
    "part file": (
        "corrupt footer in part-00012-7f6d1c2e-11aa-4b5c-9d3e-0a1b2c3d4e5f-c000.snappy.parquet",
        "corrupt footer in part-00007-00000000-11aa-4b5c-9d3e-ffffffffffff-c000.snappy.parquet",
    ),
    "epoch": ("token expired at 1700000000 for app loader", "token expired at 1711111111 for app loader"),
    "activity id": (
        "Operation failed. x-ms-request-id: 3f1a-TraceId 4bf92f3577b34da6a3ce929d0e0e4736",
        "Operation failed. x-ms-request-id: 3f1a-TraceId 00f067aa0ba902b7c3ce929d0e0e4736",
    ),
    "us date": (
        "Failed at 11/20/2026 2:17:43 AM to copy orders",
        "Failed at 12/1/2026 12:07:43 PM to copy orders",
    ),
    "spark pipe of retries": (
        "ERROR lock wait on orders\nERROR lock wait on orders\nERROR lock wait on orders",
        "ERROR lock wait on orders",
    ),
    "py4j object": ("An error occurred while calling o123.save", "An error occurred while calling o45.save"),
    "percentage": ("disk /dev/sda is 91.5% full on node-3", "disk /dev/sda is 97% full on node-11"),
}

DIFFERENT = {
    "table": ("Table or view not found: sales.orders", "Table or view not found: sales.customers"),
    "numbered table": ("Table not found: stage_1", "Table not found: stage_orders"),
    "short number in a name": ("Table not found: customer_v1", "Table not found: customer_v2"),
    "column": ("cannot resolve column 'amount'", "cannot resolve column 'amount_eur'"),
    "numbered column": ("cannot resolve column 'col1'", "cannot resolve column 'col2'"),
    "column number": ("bad value in column 7 of orders.csv", "bad value in column 9 of orders.csv"),
    "file stem": ("blob orders_20261120.csv missing", "blob customers_20261120.csv missing"),
    "exception": ("java.io.IOException: closed", "java.io.EOFException: closed"),
    "oracle code": ("ORA-00942: table or view", "ORA-01017: table or view"),
    "sql server error": ("Login failed, error 18456", "Login failed, error 40613"),
    "sql server msg": ("Msg 8152, string truncated", "Msg 2627, string truncated"),
    "sqlstate": ("failure (SQLSTATE 42P01)", "failure (SQLSTATE 42703)"),
    "http status": ("request failed with status code 403", "request failed with status code 503"),
    "http status line": ("HTTP 404 for url", "HTTP 502 for url"),
    "http protocol": ("HTTP/1.1 404 for url", "HTTP/1.1 502 for url"),
    "status in brackets": (
        "ClientError: An error occurred (404) when calling HeadObject",
        "ClientError: An error occurred (403) when calling HeadObject",
    ),
    "snowflake code": ("002003 (42S02): object missing", "001003 (42000): object missing"),
    "sql error number": (
        "query failed. SqlErrorNumber=207,State=1",
        "query failed. SqlErrorNumber=208,State=1",
    ),
    "exit code": ("process ended with exit code 137", "process ended with exit code 1"),
    "error code field": ("copy failed, ErrorCode=2200", "copy failed, ErrorCode=2108"),
    "entra code": ("AADSTS7000222: the secret", "AADSTS50126: the secret"),
    "hresult": ("failed with 0x80070005 on open", "failed with 0x80004005 on open"),
    "type": ("cannot cast to decimal(10,2)", "cannot cast to decimal(18,4)"),
    "version": ("No matching distribution for pandas==2.1.0", "No matching distribution for pandas==1.5.3"),
    "key": ("KeyError: 'customer_id'", "KeyError: 'order_id'"),
    "script": (
        'Traceback (most recent call last):\n  File "/a/load.py", line 1, in main\nValueError: bad',
        'Traceback (most recent call last):\n  File "/a/export.py", line 1, in main\nValueError: bad',
    ),
    "cause": (
        "SparkException: Job aborted\nCaused by: java.io.FileNotFoundException: /mnt/a",
        "SparkException: Job aborted\nCaused by: java.lang.OutOfMemoryError: Java heap space",
    ),
    "host name": (
        "cannot resolve sqlprod.database.windows.net",
        "cannot resolve sqltest.database.windows.net",
    ),
    "partition column": (
        "Path does not exist: /mnt/orders/dt=2026-11-20",
        "Path does not exist: /mnt/orders/region=eu",
    ),
    "named host of another kind": ("server SQLPROD03 is unreachable", "server SQLTEST03 is unreachable"),
    "mount": ("Path does not exist: /mnt/raw/orders", "Path does not exist: /mnt/curated/orders"),
    "privilege": ("user lacks SELECT on table t", "user lacks MODIFY on table t"),
}


def of(message: str, **more: str | None) -> str:
    return signature(Source.ADF, "SomeError", message, **more)


@pytest.mark.parametrize("name", SAME)
def test_renderings_of_one_failure_share_it(name: str) -> None:
    one, other = SAME[name]
    assert template(one) == template(other)
    assert of(one) == of(other)


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_failures_do_not(name: str) -> None:
    one, other = DIFFERENT[name]
    assert template(one) != template(other)
    assert of(one) != of(other)


def test_no_two_failures_of_the_table_share_it() -> None:
    messages = {text for pair in DIFFERENT.values() for text in pair} | {one for one, _ in SAME.values()}
    messages -= {SAME["ipv6"][0], SAME["named host"][0]}  # stand in the tables twice
    assert len({template(message) for message in messages}) == len(messages)


def test_source_type_and_code_count() -> None:
    base = of("blob raw/orders missing in container")
    assert base != signature(Source.AIRFLOW, "SomeError", "blob raw/orders missing in container")
    assert base != signature(Source.ADF, "OtherError", "blob raw/orders missing in container")
    assert base != of("blob raw/orders missing in container", code="2200")


def test_resource_counts_only_where_the_message_says_nothing() -> None:
    assert of("Task failed", resource="load_orders") != of("Task failed", resource="load_customers")
    telling = "Path does not exist: /mnt/raw/orders on storage account lake"
    assert of(telling, resource="load_orders") == of(telling, resource="load_customers")


def test_shape() -> None:
    assert len(of("x")) == 32
    assert set(of("x")) <= set("0123456789abcdef")
    assert of("") == of("   \n ")


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=300),
)
def test_any_text_has_one(text: str) -> None:
    assert of(text) == of(text)
    assert template(text) == template(text + "\n" + text)


@given(st.integers(0, 2**31), st.uuids(), st.datetimes(), st.integers(1, 254), st.integers(1, 9999))
def test_values_of_a_run_never_count(run: int, guid: object, moment: object, host: int, line: int) -> None:
    def rendering(run: object, guid: object, moment: object, host: object, line: object) -> str:
        return (
            f"{moment} run_id={run} activity {guid} on worker-{host} (10.0.0.{host}:8080) line {line}: "
            f"cannot read orders"
        )

    fixed = rendering(7, "7f6d1c2e-11aa-4b5c-9d3e-0a1b2c3d4e5f", dt.datetime(2026, 11, 20, 2, 17, 43), 9, 12)
    assert isinstance(moment, dt.datetime)
    shown = moment.replace(year=max(moment.year, 1900), microsecond=0)
    assert template(rendering(run, guid, shown, host, line)) == template(fixed)


HOSTILE = {
    "digits": "1" * 1_000_000,
    "dashes": "a-" * 500_000,
    "hex groups": "ab:" * 340_000,
    "dates": "2026-11-20 " * 95_000,
    "slashes": "/a=" * 340_000,
    "dots": "1.1." * 250_000,
    "words": "error " * 170_000,
    "frames": '  File "x", line 1, in y\n' * 40_000,
    "spaces": " " * 1_000_000,
    "urls": "http://" * 140_000,
    "partition": "partition (" * 90_000,
    "lines": "error 1\n" * 125_000,
    "units": "1 s, " * 200_000,
    "capitals": "AAAA-" * 200_000,
    "months": "nov 1 " * 160_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mebibyte_takes_under_a_second(name: str) -> None:
    start = time.process_time()
    of(HOSTILE[name])
    assert time.process_time() - start < 1
