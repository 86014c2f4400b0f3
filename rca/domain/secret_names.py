"""Secrets that are told by their names: `password=…`, `--token …`, `"client_secret": "…"`."""

from __future__ import annotations

import re
from typing import Final


def mark(kind: str) -> str:
    """Return what stands in a secret's place."""
    return f"[redacted:{kind}]"


VALUE: Final = r"""(?!\\{0,7}["']?\[redacted:)(?:
    N?"(?:[^"\\\r\n]|\\.)++"?                                          # in double quotes
  | N?'(?:[^'\\\r\n]|\\.|'')++'?                                       # in single quotes, '' within as in SQL
  | \\{1,7}["'](?:[^"'\\\r\n]|\\(?!\\{0,6}["']))++(?:\\{1,7}["'])?     # quoted inside an escaped string
  | \{(?!\{)[^{}\r\n]{1,400}+\}                                        # in braces, as ODBC allows
  | (?:[^\s"'`;<>,&)}\]\\]                                             # bare, up to what ends it
      | ,(?!\s|[\w.-]{1,40}+[=:]|$) | &(?!amp;|[\w.%-]{1,40}+=)
      | [)}\]](?=[\w!@\#$%^*+~?/-]) | \\(?!\\{0,6}["'nrtu])
    )++
)"""
"""A value in an expression in verbose syntax; it never matches a mark."""

_SEPARATOR: Final = r"""\\{0,7}["']?\]?\s{0,3}(?:=>|:=|={1,2}|:|>)\s{0,3}"""

NAMED: Final = re.compile(
    rf"""(?:
      (?P<password>passw(?:or)?d | passphrase | passcode | (?<![a-z])pass | pwd)
    | (?P<sas>shared[-_ ]?access[-_ ]?signature | x-(?:amz|goog)-signature)
    | (?P<secret>secret (?:[-_ .]?access)? (?:[-_ .]?key)? (?:[-_]?(?:value|base|hash))?)
    | (?P<token>token (?:[-_]?(?:value|secret))?)
    | (?P<key>(?:access|account|api|shared|private|functions?|master|subscription|encryption|signing|fernet|auth)
        [-_ .]?key)
    )
    (?P<separator>{_SEPARATOR})
    (?P<value>{VALUE})""",
    re.IGNORECASE | re.VERBOSE,
)
NAMED_HINTS: Final = ("pass", "pwd", "signature", "secret", "token", "key")

OPTION: Final = re.compile(
    rf"""(?<![\w-])(--?(?:[\w-]{{0,40}}-)?
    (?:password|passwd|passphrase|pass|pwd|secret|token|api-?key|access-?key|account-?key)
    (?:\s{{1,3}}|=))(?![-|])(?P<value>{VALUE})""",
    re.IGNORECASE | re.VERBOSE,
)
OPTION_HINTS: Final = ("pass", "pwd", "secret", "token", "key")

_PROSE: Final = re.compile(
    r"""(?:yes|no|none|null|nil|undefined|unset|empty|missing|required|invalid|incorrect|expired|wrong|bad|must
    |cannot|can|could|is|was|has|have|should|may|not|the|this|your|an?|for|of|in|to|and|or|but|with|too|does|did
    |please|authentication|authorization|login|failed|failure|error|denied|unauthorized|unknown|true|false|string
    |str|object|bytes|hidden|redacted|masked|n/a|[*x\#.•-]+|[\[({])[.,:;!?]?
    |\$?\{\{.*|\$\{.*|<.*|@Microsoft\.KeyVault\b.*""",
    re.IGNORECASE | re.VERBOSE,
)
_OPTION_WORD: Final = re.compile(
    r"(?:options?|flags?|arguments?|parameters?|switch|values?)[.,:;]?", re.IGNORECASE
)
_NO_CREDENTIAL: Final = re.compile(
    r"(?:continuation|next|page|pagination|cancell?ation|sync)[-_ ]?$", re.IGNORECASE
)
_DIRECTORY: Final = re.compile(r"/[\w.-]+(?:/.*)?")
_SECRETLIKE: Final = re.compile(r"(?=.{8})(?:.*[0-9=]|.*[a-z][A-Z]|.{20})", re.DOTALL)

_SECRET_MEMBER: Final = re.compile(
    r"(?!(?:continuation|next|page|nextpage|pagination|cancell?ation|sync)token$)"
    r".*(?:password|passwd|pwd|passphrase|passcode|secret|secretvalue|token|apikey|accesskey|accountkey|sharedkey"
    r"|secretkey|privatekey|functionskey|functionkey|masterkey|subscriptionkey|authkey|encryptionkey|signingkey"
    r"|fernetkey|authorization|connectionstring|connstr|credentials?|cookie|sharedaccesssignature)|pass|sig",
    re.DOTALL,
)
_PUNCTUATION: Final = str.maketrans("", "", "-_ .:")


def names_secret(member: str) -> bool:
    """Whether the name of a JSON member says that its value is a secret."""
    return _SECRET_MEMBER.fullmatch(member.lower().translate(_PUNCTUATION)) is not None


def hide_named(match: re.Match[str]) -> str:
    """Hide the value behind a name such as `password=`, unless it is prose about the secret."""
    kind = next(kind for kind in ("password", "sas", "secret", "token", "key") if match[kind])
    if _is_prose(match, kind):
        return match[0]
    return f"{match[kind]}{match['separator']}{mark(kind)}"


def hide_option(match: re.Match[str]) -> str:
    """Hide the value of a command-line option, unless it is prose about the option."""
    prose = _PROSE.fullmatch(match["value"]) or _OPTION_WORD.fullmatch(match["value"])
    return match[0] if prose else match[1] + mark("password")


def _is_prose(match: re.Match[str], kind: str) -> bool:
    separator, value, text = match["separator"].rstrip(), match["value"], match.string
    if separator.endswith(">") and not separator.endswith("=>"):  # an XML element, if anything
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
