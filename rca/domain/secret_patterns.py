"""How the secrets and personal data that redaction removes look in text.

Every expression runs in linear time on any input: what it starts with can't overlap itself, and repetitions are
possessive or bounded. `tests/unit/domain/test_redaction.py` times them on hostile input.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a secret is written.

    `hints` are lower-case strings; where a text has none of them, the expression can't match.
    `replace` is what stands in the secret's place, in the syntax of `re.sub`, or computes it.
    """

    hints: tuple[str, ...]
    expression: re.Pattern[str]
    replace: str | Callable[[re.Match[str]], str]


def mark(kind: str) -> str:
    """Return what stands in a secret's place."""
    return f"[redacted:{kind}]"


_VALUE: Final = r"""(?!\\{0,7}["']?\[redacted:)(?:
    N?"(?:[^"\\\r\n]|\\.)++"?                                          # in double quotes
  | N?'(?:[^'\\\r\n]|\\.|'')++'?                                       # in single quotes, '' within as in SQL
  | \\{1,7}["'](?:[^"'\\\r\n]|\\(?!\\{0,6}["']))++(?:\\{1,7}["'])?     # quoted inside an escaped string
  | \{(?!\{)[^{}\r\n]{1,400}+\}                                        # in braces, as ODBC allows
  | (?:[^\s"'`;<>,&)}\]\\]                                             # bare, up to what ends it
      | ,(?!\s|[\w.-]{1,40}+[=:]|$) | &(?!amp;|[\w.%-]{1,40}+=)
      | [)}\]](?=[\w!@\#$%^*+~?/-]) | \\(?!\\{0,6}["'nrtu])
    )++
)"""
_SEPARATOR: Final = r"""\\{0,7}["']?\]?\s{0,3}(?:=>|:=|={1,2}|:|>)\s{0,3}"""

_NAMED: Final = re.compile(
    rf"""(?:
      (?P<password>passw(?:or)?d | passphrase | passcode | (?<![a-z])pass | pwd)
    | (?P<sas>shared[-_ ]?access[-_ ]?signature | x-(?:amz|goog)-signature)
    | (?P<secret>secret (?:[-_ .]?access)? (?:[-_ .]?key)? (?:[-_]?(?:value|base|hash))?)
    | (?P<token>token (?:[-_]?(?:value|secret))?)
    | (?P<key>(?:access|account|api|shared|private|functions?|master|subscription|encryption|signing|fernet|auth)
        [-_ .]?key)
    )
    (?P<separator>{_SEPARATOR})
    (?P<value>{_VALUE})""",
    re.IGNORECASE | re.VERBOSE,
)
_NAMED_HINTS: Final = (
    "passw",
    "passp",
    "passc",
    "pass=",
    "pass =",
    "pwd",
    "signature",
    "secret",
    "token",
    "key",
)
_PROSE: Final = re.compile(
    r"""(?:yes|no|none|null|nil|undefined|unset|empty|missing|required|invalid|incorrect|expired|wrong|bad|must
    |cannot|can|could|is|was|has|have|should|may|not|the|this|your|an?|for|of|in|to|and|or|but|with|too|does|did
    |please|authentication|authorization|login|failed|failure|error|denied|unauthorized|unknown|true|false|string
    |str|object|bytes|hidden|redacted|masked|n/a|[*x\#.•-]+|[\[({])[.,:;!?]?
    |\$?\{\{.*|\$\{.*|<.*|@Microsoft\.KeyVault\b.*""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_CREDENTIAL: Final = re.compile(r"(?:continuation|next|page|pagination|cancell?ation|sync)[-_ ]?$", re.I)
_DIRECTORY: Final = re.compile(r"/[\w.-]+(?:/.*)?")
_SECRETLIKE: Final = re.compile(r"(?=.{8})(?:.*[0-9=]|.*[a-z][A-Z]|.{20})", re.DOTALL)


def _hide_named(match: re.Match[str]) -> str:
    """Hide the value behind a name such as `password=`, unless it is prose about the secret."""
    kind = next(kind for kind in ("password", "sas", "secret", "token", "key") if match[kind])
    if _is_prose(match, kind):
        return match[0]
    return f"{match[kind]}{match['separator']}{mark(kind)}"


def _is_prose(match: re.Match[str], kind: str) -> bool:
    separator, value, text = match["separator"].rstrip(), match["value"], match.string
    if separator.endswith(">") and not separator.endswith("=>"):
        return not text.startswith("</", match.end())
    if value[0] in "\"'\\":
        return False
    if _PROSE.fullmatch(value) or _NO_CREDENTIAL.search(text, max(0, match.start() - 20), match.start()):
        return True
    if kind == "password":
        return _is_no_password(match["password"].lower(), separator, value)
    told = separator == ":" and kind != "sas"
    return told and (not _SECRETLIKE.match(value) or "://" in value)


def _is_no_password(name: str, separator: str, value: str) -> bool:
    if name == "pwd":  # the shell's working directory has the same name
        return bool(_DIRECTORY.fullmatch(value))
    return name == "pass" and (separator == ":" or value.rstrip("%").isdecimal())


def _hide_option(match: re.Match[str]) -> str:
    """Hide the value of a command-line option, unless it is prose about the option."""
    prose = _PROSE.fullmatch(match["value"]) or _OPTION_WORD.fullmatch(match["value"])
    return match[0] if prose else match[1] + mark("password")


_OPTION_WORD: Final = re.compile(r"(?:options?|flags?|arguments?|parameters?|switch|values?)[.,:;]?", re.I)
_SCHEME: Final = r"(?:Bearer|Basic|Digest|Negotiate|NTLM|Token|ApiKey|SharedKey(?:Lite)?|AWS4-HMAC-SHA256)"
_OPTION: Final = (
    r"(?:password|passwd|passphrase|pass|pwd|secret|token|api-?key|access-?key|account-?key|sas-?token)"
)
_TOOLS: Final = r"(?:mysql(?:dump|admin|import)?|mariadb|sshpass|docker\s+login|az\s+login|podman\s+login)"

KINDS: Final = (
    Kind(
        ("eyj",),
        re.compile(r"(?<![\w-])eyJ[\w-]{8,}+(?:\.[\w-]*+){1,4}+", re.ASCII),
        mark("jwt"),
    ),
    Kind(  # scheme://user:password@host; a user name alone is kept unless it is a token sent over HTTP
        ("@",),
        re.compile(
            r"(?<=://)(?!\[redacted:)[^\s/?#@\"'<>:;]{0,256}+:(?:[^\s\"'<>/?#@;]|@(?=[^\s\"'<>/@;]*@))++@"
        ),
        mark("credentials") + "@",
    ),
    Kind(
        ("@",),
        re.compile(r"(?i)(?<=http://|ttps://)(?!\[redacted:)[^\s/?#@\"'<>:]{1,512}+@"),
        mark("credentials") + "@",
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
            rf"(?i)(authorization\\{{0,7}}[\"']?\s{{0,3}}[:=]\s{{0,3}}\\{{0,7}}[\"']?)(?!\[redacted:)"
            rf"(?:(?:Digest|AWS4-HMAC-SHA256)\s[^\r\n]++|{_SCHEME}\s{{1,3}}(?!\[redacted:)[^\s\"'\\,;]{{4,}}+"
            r"|(?!https?://)[^\s\"'\\,;{]{16,}+)"
        ),
        r"\1" + mark("authorization"),
    ),
    Kind(
        ("bearer ", "basic "),
        re.compile(
            r"(?i)\b(Bearer\s{1,3}(?=[^\s\d]{0,200}\d)[\w.~+/=-]{16,}+"
            r"|Basic\s{1,3}(?-i:(?=[A-Za-z+/]{0,200}[0-9=]|[A-Za-z+/]{0,200}?[a-z][A-Z]))[A-Za-z0-9+/]{8,}+={0,2})"
        ),
        mark("authorization"),
    ),
    Kind(
        ("cookie:",),
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
            r"(?i)((?:[?&]|&amp;|u0026|%3f|%26)code(?:=|%3d))(?=[^\s&\"'<>\\]{0,200}[\d_=/+-])[^\s&\"'<>\\]{16,}+"
        ),
        r"\1" + mark("function-key"),
    ),
    Kind(
        ("hooks.slack.com/", "/webhookb2/", "discord"),
        re.compile(
            r"(hooks\.slack\.com/\w{1,20}/|/webhookb2/|discord(?:app)?\.com/api/webhooks/)(?!\[redacted:)[\w/@.-]{8,}+"
        ),
        r"\1" + mark("webhook"),
    ),
    Kind(
        ("dapi", "dose", "dkea", "dsap"),
        re.compile(
            r"(?<![A-Za-z0-9])(?:dapi-?[A-Za-z0-9]{12,}+|d(?:ose|kea|sap)[0-9a-f]{28,}+)(?:-\d{1,3})?"
        ),
        mark("databricks-token"),
    ),
    Kind(
        ("akia", "asia", "aroa", "aida", "abia", "acca"),
        re.compile(r"(?<![A-Za-z0-9])A(?:KIA|SIA|ROA|IDA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
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
        ("sk-", "hf_", "npm_", "pypi-", "sk_live_", "rk_live_", "sk_test_", "sg."),
        re.compile(
            r"(?<![\w-])(?:sk-(?=[A-Za-z_-]{0,100}\d)[\w-]{20,}+|hf_[A-Za-z0-9]{30,}+|npm_[A-Za-z0-9]{36}"
            r"|pypi-[\w-]{40,}+|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}+|SG\.[\w-]{16,32}+\.[\w-]{30,}+)",
            re.ASCII,
        ),
        mark("api-key"),
    ),
    Kind(
        ("q~",),
        re.compile(r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])", re.ASCII),
        mark("client-secret"),
    ),
    Kind(  # Azure keys: storage, Cosmos DB and Batch have 64 bytes; newer kinds carry a signature near their end
        ("==", "azfu", "acdb", "ast", "azse", "azca", "+aeh", "+asb", "apim"),
        re.compile(
            r"(?<![\w+/-])(?:[A-Za-z0-9+/]{86}==|[\w+/-]{36,80}(?:AzFu|ACDb|AzSe|AzCa)[\w+/-]{4,8}+={0,2})(?![\w+/=])",
            re.ASCII,
        ),
        mark("azure-key"),
    ),
    Kind(
        ("identified", "password '", "password n'", "password  '"),
        re.compile(
            r"(?i)\b(IDENTIFIED\s{1,3}(?:WITH\s{1,3}[\w\"'`]{1,60}\s{1,3})?(?:BY|AS)\s{1,3}(?:VALUES\s{1,3}|PASSWORD\s{1,3})?"
            r"|PASSWORD\s{1,3})(?!N?'\[redacted:)N?(?:'(?:[^'\\\r\n]|\\.|'')++'?|\"(?<=BY \")[^\"\r\n]++\"?)"
        ),
        r"\1" + mark("password"),
    ),
    Kind(
        ("identified by",),
        re.compile(
            r"(?i)\b((?:USER|TO)\s{1,3}[\w\"'`@%.$#-]{1,128}+\s{1,3}IDENTIFIED\s{1,3}BY\s{1,3})(?!\[redacted:|VALUES\b)"
            r"[^\s;\"',()]++"
        ),
        r"\1" + mark("password"),
    ),
    Kind(
        ("-pass", "-pwd", "-secret", "-token", "key ", "key=", "-password"),
        re.compile(
            rf"(?i)(?<![\w-])(--?(?:[\w-]{{0,40}}-)?{_OPTION}(?:\s{{1,3}}|=))(?![-|])(?P<value>{_VALUE})",
            re.VERBOSE,
        ),
        _hide_option,
    ),
    Kind(
        ("mysql", "mariadb", "sshpass", "login"),
        re.compile(rf"\b({_TOOLS}\b[^\r\n]{{0,150}}?\s-p\s{{0,3}})(?![-\s]|\[redacted:)[^\s]++"),
        r"\1" + mark("password"),
    ),
    Kind(
        ("sqlcmd", "bcp "),
        re.compile(r"\b((?:sqlcmd|bcp)\b[^\r\n]{0,150}?\s-P\s{0,3})(?![-\s]|\[redacted:)[^\s]++"),
        r"\1" + mark("password"),
    ),
    Kind(
        ("curl",),
        re.compile(
            r"\b(curl\b[^\r\n]{0,150}?\s(?:-u|--user)[ =]{0,3}[\"']?)(?!\[redacted:)[^\s:\"']{1,100}+:[^\s\"']++"
        ),
        r"\1" + mark("credentials"),
    ),
    Kind(_NAMED_HINTS, _NAMED, _hide_named),
    Kind(  # not the container of abfss://container@account…, nor service accounts such as git@github.com
        ("@", "%40"),
        re.compile(
            r"(?i)(?<![\w.+-])(?<!://)(?!(?:git|celery|root|airflow)@)[\w.+-]{1,256}+(?:@|%40)"
            r"(?:[\w-]{1,63}+\.){1,8}[a-z][\w-]{1,23}(?![\w-])"
        ),
        mark("email"),
    ),
)
"""In the order in which they are tried: a more telling kind before a more general one."""

PEM_EDGE: Final = re.compile(r"-----(BEGIN|END) [^-\r\n]{1,60}+-----")
PEM_BODY: Final = re.compile(
    r"(?:\s*+[\w-]{1,40}+:\x20[^\r\n]*+)*+(?:[A-Za-z0-9+/=\r\n]|\x20(?=[A-Za-z0-9+/=]{16})|\\{1,3}[nr])*+"
)
"""What follows the first line of a PEM block whose last line is missing: headers, then base64."""
PEM_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n\\"

SECRET_NAME: Final = re.compile(
    r"(?!(?:continuation|next|page|nextpage|pagination|cancell?ation|sync)token$)"
    r".*(?:password|passwd|pwd|passphrase|passcode|secret|secretvalue|token|apikey|accesskey|accountkey|sharedkey"
    r"|secretkey|privatekey|functionskey|functionkey|masterkey|subscriptionkey|authkey|encryptionkey|signingkey"
    r"|fernetkey|authorization|connectionstring|connstr|credentials?|cookie|sharedaccesssignature)|pass|sig",
    re.DOTALL,
)
"""Names of JSON members whose value is hidden whole; lower case, without punctuation."""
