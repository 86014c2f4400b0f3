import json
import os
import selectors
import time

import pytest

from rca.cli.redact import StreamRedactor
from rca.domain.redaction import redact
from tests.unit.cli.support import answers, lines, run, start

KEY = "\n".join(f"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7{number:012}" for number in range(20))
PEM = f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n"
PREFIXED = "".join(f"2026-11-20 02:00:00 INFO {line}\n" for line in PEM.splitlines())


def streamed(text):
    redactor = StreamRedactor()
    ready = [redactor.feed(line) for line in text.splitlines(keepends=True)]
    return "".join([*ready, redactor.close()])


@pytest.mark.parametrize(
    "text",
    [
        "nothing to hide\n",
        "no line end",
        "a\n\n\nb\n",
        f"before\n{PEM}after password=hunter22\n",
        f"before\n{PREFIXED}after\n",
        f"cut off:\n{PEM.partition('-----END')[0]}",
        f"{KEY}\n-----END PRIVATE KEY-----\nafter\n",
        f"{PEM}{PEM}",
        "password:\n  hunter22x\nnext\n",
        "password =\nhunter22x\n",
        '"client_secret":\n  "Zq7Wx9Kd2Lm4Tv8"\n',
        "Cookie:\n session=abcdefgh\n",
        "mail ana@example.com and token=abc123def456ghi7\r\nnext\r\n",
    ],
)
def test_a_stream_is_redacted_as_if_it_were_seen_whole(text):
    assert streamed(text) == redact(text)


@pytest.mark.parametrize("text", [PEM, PREFIXED, f"{KEY}\n-----END PRIVATE KEY-----\n"])
def test_no_line_of_a_key_gets_through(text):
    assert "MIIEvQ" not in streamed(f"before\n{text}after\n")
    assert streamed(f"before\n{text}after\n").endswith("after\n")


def test_plain_lines_go_out_at_once():
    redactor = StreamRedactor()
    assert redactor.feed("step 1 of 2 done\n") == "step 1 of 2 done\n"
    assert redactor.feed("password=hunter22\n") == "password=[redacted:password]\n"
    assert redactor.feed("password=\n") == ""
    assert redactor.feed("hunter22\n") == redact("password=\nhunter22\n")


def test_what_is_held_back_has_a_bound():
    redactor = StreamRedactor()
    out = redactor.feed("-----BEGIN PRIVATE KEY-----\n")
    for _ in range(20_000):
        out += redactor.feed(f"{KEY[:64]}\n")
        assert redactor._size < 400_000
    out += redactor.feed("the run goes on\n")
    assert "MIIEvQ" not in out
    assert out.endswith("the run goes on\n")


def test_a_line_without_end_is_bounded_and_no_secret_is_cut_in_two():
    redactor = StreamRedactor()
    text = "user=ana password=hunter22x " * 40_000
    out = "".join(redactor.feed(text[at : at + 65_536]) for at in range(0, len(text), 65_536))
    assert redactor._size < 400_000
    out += redactor.close()
    assert "hunter22x" not in out
    assert out.count("[redacted:password]") == 40_000


def test_a_pipe_gets_each_line_as_it_comes():
    process = start("redact")
    try:
        process.stdin.write(b"token=abc123def456ghi7 for run 1\n")
        process.stdin.flush()
        ready = selectors.DefaultSelector()
        ready.register(process.stdout, selectors.EVENT_READ)
        assert ready.select(timeout=30), "the line was held back"
        assert os.read(process.stdout.fileno(), 1_000) == b"token=[redacted:token] for run 1\n"
    finally:
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_bytes_that_are_no_text_pass_as_they_are():
    process = start("redact")
    out, _ = process.communicate(b"\xff\xfe caf\xc3\xa9 password=hunter22\n\x00\xc3", timeout=30)
    assert out == b"\xff\xfe caf\xc3\xa9 password=[redacted:password]\n\x00\xc3"


def test_json_lines_keep_their_ids_and_order(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(lines({"id": "a", "text": f"x {PEM}"}, {"id": 2, "text": "caf\u00e9 \ud800"}, {"id": 3}))
    status, out, err = run("redact", "--jsonl", str(path))
    assert answers(out) == [
        {"id": "a", "text": "x [redacted:pem]\n"},
        {"id": 2, "text": "café \ufffd"},
        {"id": 3, "error": {"line": 3, "field": "text", "detail": "must be a text"}},
    ]
    assert (status, err) == (1, "rca: 1 bad line\n")


def test_a_file_that_is_not_there_is_named():
    status, out, err = run("redact", "/nowhere/x.log")
    assert (status, out) == (2, "")
    assert err == "rca: /nowhere/x.log can't be read: No such file or directory\n"


def test_hostile_text_takes_no_longer_than_its_length(tmp_path):
    for text in (
        "password=" * 50_000,
        "-----BEGIN X-----\n" * 20_000,
        "A" * 500_000,
        "password:\n" * 20_000,
        "-----BEGIN X-----" + "\n" * 200_000,
    ):
        started = time.process_time()
        streamed(text)
        assert time.process_time() - started < 10, json.dumps(text[:20])
