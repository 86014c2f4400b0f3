"""How the secrets and personal data that redaction removes look in text.

Every expression runs in linear time on any input: what it starts with can't overlap itself, and repetitions are
possessive or bounded. `tests/unit/domain/test_redaction.py` times them on hostile input.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rca.domain.secret_names import NAMED, NAMED_HINTS, OPTION, OPTION_HINTS, hide_named, hide_option, mark


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a secret is written.

    `hints` are lower-case strings; where a text has none of them, the expression can't match. A `guard` says the
    same of an expression that starts with nothing fixed and is slow to search for.
    `replace` is what stands in the secret's place, in the syntax of `re.sub`, or computes it.
    """

    hints: tuple[str, ...]
    expression: re.Pattern[str]
    replace: str | Callable[[re.Match[str]], str]
    guard: re.Pattern[str] | None = None


_SCHEME = r"(?:Bearer|Basic|Digest|Negotiate|NTLM|Token|ApiKey|SharedKey(?:Lite)?|AWS4-HMAC-SHA256)"
_CLIENT = r"(?:mysql(?:dump|admin|import)?|mariadb|sshpass|(?:az|docker|podman)\s{1,3}login)"

KINDS: Final = (
    Kind(
        ("eyj",),
        re.compile(r"(?<![\w-])eyJ[\w-]{8,}+(?:\.[\w-]*+){1,4}+", re.ASCII),
        mark("jwt"),
    ),
    Kind(  # scheme://user:password@host, the password may hold an @
        ("@",),
        re.compile(
            r"(://)(?!\[redacted:)[^\s/?#@\"'<>:;]{0,256}+:(?:[^\s\"'<>/?#@;]|@(?=[^\s\"'<>/@;]*@))++@"
        ),
        r"\1" + mark("credentials") + "@",
    ),
    Kind(  # a user name alone is kept, but over HTTP it is a token
        ("@",),
        re.compile(r"(ttps?://)(?!\[redacted:)[^\s/?#@\"'<>:]{1,512}+@"),
        r"\1" + mark("credentials") + "@",
    ),
    Kind(
        ("jdbc:oracle", "sqlplus"),
        re.compile(
            r"(?i)(jdbc:oracle:\w{1,8}:|sqlplus\s{1,3}(?:-\w\s{1,3})?)[\w.$#-]{1,128}+/[^\s@\"']{1,256}+@"
        ),
        r"\1" + mark("credentials") + "@",
    ),
    Kind(
        ("authorization",),
        re.compile(
            r"(?i)(authorization\\{0,7}[\"']?\s{0,3}[:=]\s{0,3}\\{0,7}[\"']?)(?!\[redacted:)"
            r"(?:(?:Digest|AWS4-HMAC-SHA256)\s[^\r\n]++"
            rf"|{_SCHEME}\s{{1,3}}(?!\[redacted:)[^\s\"'\\,;]{{4,}}+"
            r"|(?!https?://)[^\s\"'\\,;{]{16,}+)"
        ),
        r"\1" + mark("authorization"),
    ),
    Kind(
        ("bearer ", "basic "),
        re.compile(
            r"(?i)\b(?:Bearer\s{1,3}(?=[^\s\d]{0,200}\d)[\w.~+/=-]{16,}+"
            r"|Basic\s{1,3}(?-i:(?=[A-Za-z+/]{0,200}[0-9=]|[A-Za-z+/]{0,200}?[a-z][A-Z]))[A-Za-z0-9+/]{8,}+={0,2})"
        ),
        mark("authorization"),
    ),
    Kind(
        ("cookie",),
        re.compile(r"(?i)(cookie:\s{0,3})(?!\[redacted:)[^\s=;]{1,100}+=[^\r\n]++"),
        r"\1" + mark("cookie"),
    ),
    Kind(
        ("sig=", "sig%3d"),
        re.compile(r"(?i)(?<![a-z_-])(sig(?:=|%3d))(?!\[redacted:)[^\s&\"'<>;,)}\]\\]{6,}+"),
        r"\1" + mark("sas"),
    ),
    Kind(
        ("code=", "code%3d"),
        re.compile(
            r"(?i)((?:[?&]|&amp;|u0026|%3f|%26)code(?:=|%3d))"
            r"(?=[^\s&\"'<>\\]{0,200}[\d_=/+-])[^\s&\"'<>\\]{16,}+"
        ),
        r"\1" + mark("function-key"),
    ),
    Kind(
        ("hooks.slack.com/", "/webhookb2/"),
        re.compile(r"(?i)(hooks\.slack\.com/\w{1,20}/|/webhookb2/)(?!\[redacted:)[\w/@.-]{8,}+"),
        r"\1" + mark("webhook"),
    ),
    Kind(
        ("dapi", "dose"),
        re.compile(r"(?<![A-Za-z0-9])(?:dapi-?[A-Za-z0-9]{12,}+|dose[0-9a-f]{28,}+)(?:-\d{1,3})?"),
        mark("databricks-token"),
    ),
    Kind(
        ("akia", "asia"),
        re.compile(r"(?<![A-Za-z0-9])A(?:KI|SI)A[A-Z0-9]{16}(?![A-Za-z0-9])"),
        mark("aws-key"),
    ),
    Kind(
        ("aiza", "ya29.", "gocspx-", "1//0"),
        re.compile(
            r"(?<![\w-])(?:AIza[\w-]{30,}+|ya29\.[\w.-]{20,}+|GOCSPX-[\w-]{20,}+|1//0[\w-]{30,}+)", re.ASCII
        ),
        mark("gcp-key"),
    ),
    Kind(
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"),
        re.compile(
            r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|glpat-[\w-]{20,}+)", re.ASCII
        ),
        mark("git-token"),
    ),
    Kind(
        ("xox", "xapp-"),
        re.compile(r"(?<![A-Za-z0-9])(?:xox[a-z]{1,2}(?:\.xox[a-z])?-|xapp-)[A-Za-z0-9-]{10,}+"),
        mark("slack-token"),
    ),
    Kind(
        ("atatt", "atctt", "atbb"),
        re.compile(r"(?<![A-Za-z0-9])(?:AT[AC]TT3[\w=-]{20,}+|ATBB[A-Za-z0-9]{20,}+)", re.ASCII),
        mark("atlassian-token"),
    ),
    Kind(
        ("sk-", "hf_", "k_live_"),
        re.compile(
            r"(?<![\w-])(?:sk-(?=[A-Za-z_-]{0,100}\d)[\w-]{20,}+|hf_[A-Za-z0-9]{30,}+|[sr]k_live_[A-Za-z0-9]{16,}+)",
            re.ASCII,
        ),
        mark("api-key"),
    ),
    Kind(  # the secret of an Entra ID application
        ("q~",),
        re.compile(r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~-])", re.ASCII),
        mark("client-secret"),
    ),
    Kind(  # 64 bytes: storage, Cosmos DB, Batch; with a signature near the end: Functions and newer Cosmos DB
        ("==", "azfu", "acdb"),
        re.compile(
            r"(?<![\w+/-])(?:[A-Za-z0-9+/]{86}==|[\w+/-]{36,80}(?:AzFu|ACDb)[\w+/-]{4,8}+={0,2})(?![\w+/=])",
            re.ASCII,
        ),
        mark("azure-key"),
    ),
    Kind(  # SQL: a password in quotes
        ("identified", "pass"),
        re.compile(
            r"(?i)\b(IDENTIFIED\s{1,3}(?:WITH\s{1,3}[\w\"'`]{1,60}\s{1,3})?(?:BY|AS)\s{1,3}"
            r"(?:VALUES\s{1,3}|PASSWORD\s{1,3})?|PASSWORD\s{1,3})"
            r"(?!N?'\[redacted:)N?(?:'(?:[^'\\\r\n]|\\.|'')++'?|(?<=BY )\"[^\"\r\n]++\"?)"
        ),
        r"\1" + mark("password"),
    ),
    Kind(  # Oracle takes it without quotes
        ("identified",),
        re.compile(
            r"(?i)\b((?:USER|TO)\s{1,3}[\w\"'`@%.$#-]{1,128}+\s{1,3}IDENTIFIED\s{1,3}BY\s{1,3})"
            r"(?!\[redacted:|VALUES\b|PASSWORD\b)[^\s;\"',()]++"
        ),
        r"\1" + mark("password"),
    ),
    Kind(OPTION_HINTS, OPTION, hide_option),
    Kind(
        (" -p",),
        re.compile(rf"\b({_CLIENT}\b[^\r\n]{{0,150}}?\s-p\s{{0,3}})(?![-\s]|\[redacted:)\S++"),
        r"\1" + mark("password"),
    ),
    Kind(
        (" -p",),
        re.compile(r"\b((?:sqlcmd|bcp)\b[^\r\n]{0,150}?\s-P\s{0,3})(?![-\s]|\[redacted:)\S++"),
        r"\1" + mark("password"),
    ),
    Kind(
        ("curl",),
        re.compile(
            r"\b(curl\b[^\r\n]{0,150}?\s(?:-u|--user)[ =]{0,3}[\"']?)(?!\[redacted:)[^\s:\"']{1,100}+:[^\s\"']++"
        ),
        r"\1" + mark("credentials"),
    ),
    Kind(NAMED_HINTS, NAMED, hide_named),
    Kind(  # not the container in abfss://container@account…, nor a service account such as git@github.com
        ("@", "%40"),
        re.compile(
            r"(?i)(?<![\w.+-])(?<!://)(?!(?:git|celery|root|airflow)@)[\w.+-]{1,256}+(?:@|%40)"
            r"(?:[\w-]{1,63}+\.){1,8}[a-z][\w-]{1,23}(?![\w-])"
        ),
        mark("email"),
        guard=re.compile(r"(?:@|%40)(?:[\w-]{1,63}+\.){1,8}[A-Za-z]"),
    ),
)
"""In the order in which they are tried: a more telling kind before a more general one."""

PEM_EDGE: Final = re.compile(r"-----(BEGIN|END) [^-\r\n]{1,60}+-----")
PEM_BODY: Final = re.compile(
    r"(?:\s*+[\w-]{1,40}+:\x20[^\r\n]*+)*+(?:[A-Za-z0-9+/=\r\n]|\x20(?=[A-Za-z0-9+/=]{16})|\\{1,3}[nr])*+"
)
"""What follows the first line of a PEM block whose last line is missing: headers, then base64."""
PEM_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\\"
