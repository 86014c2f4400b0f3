"""How the secrets and personal data that redaction removes look in text.

Every expression runs in linear time on any input: what it starts with can't overlap itself, and repetitions are
possessive or bounded. `tests/unit/domain/test_redaction.py` times them on hostile input.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rca.domain.secret_names import (
    COMMAND,
    COMMAND_HINTS,
    NAMED,
    NAMED_HINTS,
    OPTION,
    OPTION_HINTS,
    PAIR,
    PAIR_HINTS,
    hide_named,
    hide_option,
    hide_short_options,
    mark,
)


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

KINDS: Final = (
    Kind(
        ("eyj",),
        re.compile(r"eyJ(?<![\w-]eyJ)[\w-]{8,}+(?:\.[\w-]*+){1,4}+", re.ASCII),
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
            r"(jdbc:oracle:\w{1,8}:|sqlplus\s{1,3}(?:-\w\s{1,3})?)[\w.$#-]{1,128}+/(?!\[redacted:)[^\s@\"']{1,256}+@"
        ),
        r"\1" + mark("credentials") + "@",
    ),
    Kind(
        ("authorization",),
        re.compile(
            r"([aA](?i:uthorization)\\{0,7}[\"']?\s{0,3}[:=]\s{0,3}\\{0,7}[\"']?)(?!\[redacted:)"
            rf"(?i:(?:Digest|AWS4-HMAC-SHA256)\s[^\r\n]++|{_SCHEME}\s{{1,3}}(?!\[redacted:)[^\s\"'\\,;]{{4,}}+"
            r"|(?!https?://)[^\s\"'\\,;{]{16,}+)"
        ),
        r"\1" + mark("authorization"),
    ),
    Kind(
        ("bearer ", "basic "),
        re.compile(
            r"[bB](?<!\w[bB])(?:(?i:earer)\s{1,3}(?=[^\s\d]{0,200}\d)[\w.~+/=-]{16,}+|(?i:asic)\s{1,3}"
            r"(?=[A-Za-z+/]{0,200}[0-9=]|[A-Za-z+/]{0,200}?[a-z][A-Z])[A-Za-z0-9+/]{8,}+={0,2})"
        ),
        mark("authorization"),
    ),
    Kind(
        ("cookie:",),
        re.compile(r"([cC](?i:ookie:)\s{0,3})(?!\[redacted:)[^\s=;]{1,100}+=[^\r\n]++"),
        r"\1" + mark("cookie"),
    ),
    Kind(
        ("sig=", "sig%3d"),
        re.compile(r"([sS](?<![A-Za-z_-][sS])(?i:ig(?:=|%3d)))(?!\[redacted:)[^\s&\"'<>;,)}\]\\]{6,}+"),
        r"\1" + mark("sas"),
    ),
    Kind(  # after ?, & or one of their escaped forms
        ("code=", "code%3d"),
        re.compile(
            r"([?&;6fF](?:(?<=[?&])|(?<=&amp;)|(?<=u0026)|(?<=%26)|(?<=%3[fF]))(?i:code(?:=|%3d)))"
            r"(?=[^\s&\"'<>\\]{0,200}[\d_=/+-])[^\s&\"'<>\\]{16,}+"
        ),
        r"\1" + mark("function-key"),
    ),
    Kind(
        ("hooks.slack.com/", "/webhookb2/"),
        re.compile(r"(hooks\.slack\.com/\w{1,20}/|/webhookb2/)(?!\[redacted:)[\w/@.-]{8,}+"),
        r"\1" + mark("webhook"),
    ),
    Kind(
        ("dapi", "dose"),
        re.compile(r"d(?<![A-Za-z0-9]d)(?:api-?[A-Za-z0-9]{12,}+|ose[0-9a-f]{28,}+)(?:-\d{1,3})?"),
        mark("databricks-token"),
    ),
    Kind(
        ("akia", "asia"),
        re.compile(r"A(?<![A-Za-z0-9]A)(?:KI|SI)A[A-Z0-9]{16}(?![A-Za-z0-9])"),
        mark("aws-key"),
    ),
    Kind(
        ("aiza", "ya29.", "gocspx-", "1//0"),
        re.compile(
            r"[AyG1](?<![\w-][AyG1])(?:(?<=A)Iza[\w-]{30,}+|(?<=y)a29\.[\w.-]{20,}+|(?<=G)OCSPX-[\w-]{20,}+"
            r"|(?<=1)//0[\w-]{30,}+)",
            re.ASCII,
        ),
        mark("gcp-key"),
    ),
    Kind(
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"),
        re.compile(
            r"g(?<![A-Za-z0-9]g)(?:h[pousr]_[A-Za-z0-9]{20,}+|ithub_pat_\w{20,}+|lpat-[\w-]{20,}+)", re.ASCII
        ),
        mark("git-token"),
    ),
    Kind(
        ("xox", "xapp-"),
        re.compile(r"x(?<![A-Za-z0-9]x)(?:ox[a-z]{1,2}(?:\.xox[a-z])?-|app-)[A-Za-z0-9-]{10,}+"),
        mark("slack-token"),
    ),
    Kind(
        ("atatt", "atctt", "atbb"),
        re.compile(r"AT(?<![A-Za-z0-9]AT)(?:[AC]TT3[\w=-]{20,}+|BB[A-Za-z0-9]{20,}+)", re.ASCII),
        mark("atlassian-token"),
    ),
    Kind(
        ("sk-", "hf_", "k_live_"),
        re.compile(
            r"[shr](?<![\w-][shr])(?:(?<=s)k-(?=[A-Za-z_-]{0,100}\d)[\w-]{20,}+|(?<=h)f_[A-Za-z0-9]{30,}+"
            r"|(?<=[sr])k_live_[A-Za-z0-9]{16,}+)",
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
            r"([iIpP](?<!\w[iIpP])(?i:(?<=i)dentified\s{1,3}(?:WITH\s{1,3}[\w\"'`]{1,60}\s{1,3})?(?:BY|AS)\s{1,3}"
            r"(?:VALUES\s{1,3}|PASSWORD\s{1,3})?|(?<=p)assword\s{1,3}))"
            r"(?!N?'\[redacted:)[nN]?(?:'(?:[^'\\\r\n]|\\.|'')++'?|(?<=[bB][yY]\x20)\"(?!\[redacted:)[^\"\r\n]++\"?)"
        ),
        r"\1" + mark("password"),
    ),
    Kind(  # Oracle takes it without quotes
        ("identified",),
        re.compile(
            r"([uUtT](?<!\w[uUtT])(?i:(?:(?<=u)ser|(?<=t)o)\s{1,3}[\w\"'`@%.$#-]{1,128}+\s{1,3}identified\s{1,3}by"
            r"\s{1,3}))(?!\[redacted:|(?i:VALUES|PASSWORD)\b)[^\s;\"',()]++"
        ),
        r"\1" + mark("password"),
    ),
    Kind(OPTION_HINTS, OPTION, hide_option),
    Kind(COMMAND_HINTS, COMMAND, hide_short_options),
    Kind(PAIR_HINTS, PAIR, r"\1" + mark("secret")),
    Kind(NAMED_HINTS, NAMED, hide_named),
    Kind(  # not the container in abfss://container@account…, nor a service account such as git@github.com
        ("@", "%40"),
        re.compile(
            r"(?<![\w.+-])(?<!://)(?!(?:git|celery|root|airflow)@)[\w.+-]{1,256}+(?:@|%40)"
            r"(?:[\w-]{1,63}+\.){1,8}[A-Za-z][\w-]{1,23}(?![\w-])"
        ),
        mark("email"),
        guard=re.compile(r"(?:@|%40)(?:[\w-]{1,63}+\.){1,8}[A-Za-z]"),
    ),
)
"""In the order in which they are tried: a more telling kind before a more general one.

The expressions start with a fixed character or set where they can, and look behind it for the boundary after that:
the search then skips quickly over all other text.
"""

PEM_EDGE: Final = re.compile(r"-----(BEGIN|END) [^-\r\n]{1,60}+-----")
PEM_BODY: Final = re.compile(
    r"(?:\s*+[\w-]{1,40}+:\x20[^\r\n]*+)*+(?:[A-Za-z0-9+/=\r\n]|\x20(?=[A-Za-z0-9+/=]{16})|\\{1,3}[nr])*+"
)
"""What follows the first line of a PEM block whose last line is missing: headers, then base64."""
PEM_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\\"
