import json
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rca.domain.redaction import redact, redact_tree
from tests.support.secret_samples import PEM, SECRETS

KEPT = [
    "The access token expired at 2026-11-20T02:58:40Z; request a new token.",
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value.",
    "Login failed for user 'etl'. Reason: invalid password for user etl",
    "Access denied for user 'app'@'10.0.0.4' (using password: YES)",
    "password: must be at least 8 characters",
    "password authentication failed for user \"etl\"",
    "token: expired",
    "secret: not found in scope kv-prod",
    "The secret 'sql-password' was not found in key vault kv-data-prod",
    "Error: the --password option is required",
    "use --token flag",
    "Basic authentication is disabled for this tenant",
    "Bearer authentication failed",
    'WWW-Authenticate: Bearer error="invalid_token", error_description="The token expired"',
    'Bearer authorization="https://login.microsoftonline.com/common"',
    "The client does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write'",
    "ErrorCode=UserErrorFileNotFound,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException'",
    "https://x.example.net/api?code=404&state=failed",
    "https://docs.example.net/?code=UserErrorSourceBlobNotExists",
    "run e7a9b6c0-52f3-4b59-9d1f-0a2f7c3e8b14 on 10.11.12.13:1433 (adb-4820197736510284.4.azuredatabricks.net)",
    "abfss://bronze@stdata.dfs.core.windows.net/orders/2026/11/20/part-0000.snappy.parquet",
    "wasbs://raw@stdata.blob.core.windows.net/x.csv",
    "https://portal.azure.com#@c0a8f3de-91b2-4f77-8f3e-5d2b7a6c4e01/blade/x",
    "git@github.com:org/repo.git",
    "ssh: connect to host sftp.example.net port 22: Connection refused",
    "http://proxy.example.net:3128/path?mail=no",
    "PWD=/opt/airflow/dags OLDPWD=/root",
    "pass=12 fail=3 pass: 4 pass=80%",
    "continuationToken=abc123def456 nextPageToken: abc123def456",
    "max_tokens=4096 total tokens: 812",
    "primary key=order_id, partition_key = dt, foreign key: customer_id",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "npm i left-pad@1.3.0 && @decorator def f(): pass",
    "com.example.Foo@3f2a1b",
    "password=${DB_PASSWORD} token={{ var.value.token }} secret=***** api_key=<hidden>",
    "AzureWebJobsStorage password=@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/x)",
    "if user.password == None: raise ValueError",
    "map key -> token -> value; 5 tokens > 4 tokens",
    "task-sk-report asia-southeast1 eyJ dapi sig= code=",
    "Kubernetes secret volume not found; service account token is missing",
    "{\"hasPassword\": true, \"passwordPolicy\": \"DisablePasswordExpiration\"}",
    "'/mnt/data/input.csv' not found\n  File \"/databricks/python/lib/python3.12/site-packages/x.py\", line 14",
    "-----",
    "",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_hides_each_kind_and_nothing_of_it_is_left(name):
    text, secret = SECRETS[name]
    assert secret in text, "the case itself is wrong"
    redacted = redact(text)
    assert secret not in redacted
    assert "[redacted:" in redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize("text", KEPT)
def test_keeps_what_an_engineer_needs(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SECRETS["url user and password"][0], "postgresql://[redacted:credentials]@db.example.net:5432/dwh"),
        (
            SECRETS["sas in a url"][0],
            "https://st.blob.core.windows.net/c/b.csv?sv=2024-11-04&sr=b&sig=[redacted:sas]&se=2026-12-01",
        ),
        (
            SECRETS["jdbc sqlserver"][0],
            "jdbc:sqlserver://h.database.windows.net:1433;database=d;user=u;password=[redacted:password];encrypt=true",
        ),
        (SECRETS["email in a path"][0], "/Workspace/Users/[redacted:email]/etl"),
        (SECRETS["cli mysql"][0], "mysql -h db -u etl -p[redacted:password] dwh"),
        (SECRETS["json"][0], '{"user":"u","password":[redacted:password]}'),
        ("a " + PEM + " z", "a [redacted:pem] z"),
        ("Authorization: Bearer abcdef123456ghijkl now", "Authorization: [redacted:authorization] now"),
        ("host=h password=x port=1", "host=h password=[redacted:password] port=1"),
        ("Config{user=a, password=b, host=c}", "Config{user=a, password=[redacted:password], host=c}"),
    ],
)
def test_what_surrounds_a_secret_stays(text, shown):
    assert redact(text) == shown


PIECES = st.sampled_from(
    [
        *(text for text, _ in SECRETS.values()),
        *KEPT,
        *"@:;,&=\"'\\<>()[]{}|/-. \n",
        *(
            "password",
            "token",
            "secret",
            "--",
            "eyJ",
            "sig",
            "code",
            "Bearer ",
            "http://",
            "[redacted:",
            "[redacted:sas]",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=8).map("".join))
def test_redacting_twice_changes_nothing(text):
    once = redact(text)
    assert redact(once) == once


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SECRETS)), st.sampled_from(KEPT), st.sampled_from(KEPT))
def test_secrets_are_found_between_other_text(name, before, after):
    text, secret = SECRETS[name]
    # Prose that is kept may hold the letters of a planted secret by chance.
    here = before.count(secret) + after.count(secret)
    assert redact(f"{before}\n{text}\n{after}").count(secret) <= here


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PIECES | st.text(max_size=10),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(PIECES | st.text(max_size=10), children, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_trees_keep_their_shape_and_settle(value):
    once = redact_tree(value)
    assert redact_tree(once) == once
    assert type(once) is type(value)
    if isinstance(value, list | dict):
        assert len(once) == len(value)
    json.dumps(once, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "db_password", "client_secret", "clientSecret", "sas_token", "accessToken", "api-key",
     "x-api-key", "x-functions-key", "Authorization", "connectionString", "private_key", "pwd", "token", "credentials",
     "Set-Cookie", "aws_secret_access_key" [4:10], "account_key"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["plain", 12345, "two words"])
def test_a_member_that_names_a_secret_loses_its_value(name, value):
    assert redact_tree({"a": {name: value}, "b": 1}) == {"a": {name: "[redacted:secret]"}, "b": 1}


def test_a_secret_member_loses_nested_values_too():
    assert redact_tree({"credentials": {"user": "u", "pass": "p"}, "secret": ["a"]}) == {
        "credentials": "[redacted:secret]",
        "secret": "[redacted:secret]",
    }


@pytest.mark.parametrize(
    "value",
    [
        {"password": None, "token": "", "hasSecret": True, "secret": False},
        {
            "continuationToken": "abc123def456",
            "tokenCount": 5,
            "key": "DATA-1",
            "code": "2200",
            "secretName": "kv",
        },
        {"authorization": {"action": "Microsoft.Web/sites/restart/action", "scope": "/subscriptions/1"}},
        {"authorization": '{"action": "write", "scope": "/subscriptions/1"}'},
        [1, 2.5, True, None, "text", {"a": [{}]}],
        "text",
        None,
        7,
    ],
)
def test_other_members_stay(value):
    assert redact_tree(value) == value


def test_name_and_value_pairs_are_read_together():
    dimensions = [{"name": "sas_token", "value": "abc"}, {"name": "PipelineName", "value": "pl_orders"}]
    assert redact_tree(dimensions) == [{"name": "sas_token", "value": "[redacted:secret]"}, dimensions[1]]


def test_member_names_are_redacted_without_losing_members():
    value = {"jane@example.com": 1, "joe@example.com": 2}
    assert redact_tree(value) == {"[redacted:email]": 1, "[redacted:email]'": 2}


def test_members_keep_their_order_and_the_input_is_not_touched():
    value = {"z": ["a@example.com"], "a": {"y": 1, "b": 2}}
    copy = json.loads(json.dumps(value))
    assert list(redact_tree(value)) == ["z", "a"]
    assert value == copy


def test_cleans_what_no_store_takes():
    value = {"a\x00": ["x\x00y", "\ud800", "ok \U0001f600"]}
    assert redact_tree(value) == {"a\ufffd": ["x\ufffdy", "\ufffd", "ok \U0001f600"]}
    assert redact_tree(value, clean=False) == value


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}])
def test_deep_nesting_is_cut_not_fatal(wrap):
    value = "password=hunter2"
    for _ in range(100_000):
        value = wrap(value)
    text = json.dumps(redact_tree(value))
    assert "nested deeper than 100 levels" in text
    assert "hunter2" not in text


def test_a_hundred_levels_are_kept():
    value = "deep"
    for _ in range(100):
        value = [value]
    assert redact_tree(value) == value


MIB = 1 << 20
HOSTILE = {
    "at signs": "a@a@a@",
    "mails": "a@b.co ",
    "almost mails": "a@a.a.a.a.a.a.a.a.a.a.1",
    "long local part": "a" * 1000 + "@",
    "dots": "a.",
    "assignments": "password=",
    "pairs": "name: db_password value: ",
    "almost pairs": "name: passwordpasswordpassword, ",
    "names of names": "password: token: ",
    "names behind names": "password: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaapassword:",
    "quoted assignments": 'password="',
    "escaped quotes": 'password=\\"',
    "deeper escapes": 'password=\\\\\\"x\\"',
    "braces": "password={",
    "commas": "password=a,",
    "ampersands": "password=a&",
    "closing": "password=a)",
    "spaces": "password =   ",
    "backslashes": "password=\\",
    "option": "--token ",
    "dashes": "--",
    "long option": "--a-a-a-a-token",
    "jwt heads": "eyJ.ey.eyJ",
    "jwt runs": "eyJaaaaaaaaa",
    "jwt dashes": "-eyJaaaaaaaa.",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64 and ends": "A" * 86 + "=",
    "hex": "0123456789abcdef",
    "quotes": "\"'",
    "schemes": "://",
    "urls": "https://a:b",
    "http users": "https://a",
    "url ats": "://a:@@@@",
    "pem": "-----BEGIN A-----",
    "pem ends": "-----END A-----",
    "pem both": "-----BEGIN A-----x-----END A-----",
    "pem dashes": "-----BEGIN ",
    "pem headers": "-----BEGIN A-----\nA: b\n",
    "authorization": "authorization: ",
    "bearer": "Bearer a",
    "basic": "Basic aaaaaaaa ",
    "cookie": "cookie: a",
    "sig": "sig=&",
    "code": "?code=aaaaaaaaaaaaaaaa",
    "mysql": "mysql ",
    "mysql option": "mysql -p -",
    "short options": " -p aaaa",
    "short options of a client": "mysql -p aa" + " -p aaaa" * 1000,
    "curl option": "curl -u a:b ",
    "sqlcmd": "sqlcmd -P -",
    "curl": "curl -u a",
    "identified": "USER a IDENTIFIED BY ",
    "identified quoted": "IDENTIFIED BY '",
    "oracle": "jdbc:oracle:thin:a/",
    "slack": "xoxb-",
    "databricks": "dapi",
    "entra": "aaa8Q~",
    "marks": "[redacted:sas]",
    "functions": "AzFu",
    "newlines": "password=\n",
    "unicode": "\u0130password=\u00e9",
}


def seconds_to_redact(text):
    started = time.process_time()
    redact(text)
    return time.process_time() - started


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_linear_time(name):
    unit = HOSTILE[name]
    text = (unit * (MIB // len(unit) + 1))[:MIB]
    for hostile in (text, text[: MIB // 2] + " @ password= token -p eyJ sig= == " + text[: MIB // 2]):
        assert any(seconds_to_redact(hostile) < 1.0 for _ in range(3))


def test_a_large_alert_without_secrets_is_fast():
    line = "2026-11-20 02:58:40 INFO stage 12 task 381 finished on executor 7 (10.0.0.4) in 341 ms, 18 MiB read\n"
    text = line * (MIB // len(line))
    assert redact(text) == text
    assert any(seconds_to_redact(text) < 0.2 for _ in range(3))
