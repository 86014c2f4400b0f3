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

_NAMES: Final = (
    r"p(?i:assw(?:or)?d|assphrase|asscode|wd|(?<![a-z]p)ass|rivate[-_ .]?key)",
    r"s(?i:ecret(?:[-_ .]?access)?(?:[-_ .]?key)?(?:[-_]?(?:value|base|hash))?"
    r"|hared[-_ ]?access[-_ ]?signature|(?:hared|ubscription|igning)[-_ .]?key)",
    r"t(?i:oken(?:[-_]?(?:value|secret))?)",
    r"a(?i:(?:ccess|ccount|pi|uth)[-_ .]?key)",
    r"f(?i:(?:unctions?|ernet)[-_ .]?key)",
    r"m(?i:aster[-_ .]?key)",
    r"e(?i:ncryption[-_ .]?key)",
    r"x(?i:-(?:amz|goog)-signature)",
)
_ANY_NAME: Final = "|".join(f"{name}|{name[0].upper()}{name[1:]}" for name in _NAMES)
"""Each alternative starts with one letter of one case: that is what makes the search skip what can't match."""

_ANOTHER_NAME: Final = rf"(?![\w.-]{{0,40}}?(?:{_ANY_NAME})\\{{0,7}}[\"']?:\s)"
"""What follows a name may be the next name, as where YAML nests one below the other."""

NAMED: Final = re.compile(
    rf"(?P<name>{_ANY_NAME})(?P<separator>{_SEPARATOR}){_ANOTHER_NAME}(?x:(?P<value>(?i:{VALUE})))",
)
NAMED_HINTS: Final = ("pass", "pwd", "signature", "secret", "token", "key")

PAIR: Final = re.compile(
    rf"""([nNkK](?<!\w[nNkK])(?:(?<=[nN])ame|(?<=[kK])ey)\\{{0,7}}["']?\s{{0,3}}[:=]\s{{0,3}}\\{{0,7}}["']?
    [\w.-]{{0,60}}?(?i:password|passwd|pwd|secret|token|(?:api|access|account|private)[-_.]?key)\\{{0,7}}["']?
    \s{{0,3}},?\s{{0,16}}\\{{0,7}}["']?[vV]alue\\{{0,7}}["']?\s{{0,3}}[:=]\s{{0,3}})(?i:{VALUE})""",
    re.VERBOSE,
)
"""`name: DB_PASSWORD` with `value: …` behind it, as in the environment of a container."""
PAIR_HINTS: Final = ("value",)

OPTION: Final = re.compile(
    rf"""(-(?<![\w-]-)-?(?:[\w-]{{0,40}}-)?
    (?:password|passwd|passphrase|pass|pwd|secret|token|api-?key|access-?key|account-?key)
    (?:\s{{1,3}}|=))(?![-|])(?P<value>{VALUE})""",
    re.IGNORECASE | re.VERBOSE,
)
OPTION_HINTS: Final = ("pass", "pwd", "secret", "token", "key")

COMMAND: Final = re.compile(
    r"(?:(?P<p>mysql|mariadb|sshpass|az login|docker login|podman login)|(?P<P>sqlcmd|bcp )|(?P<u>curl))"
    r"[^\r\n]*+"
)
"""Command lines of programs to which a short option gives the password; to others it means something else."""
COMMAND_HINTS: Final = ("mysql", "mariadb", "sshpass", " login", "sqlcmd", "bcp ", "curl")
_SHORT_OPTION: Final = {
    "p": re.compile(r"(\s-p\s{0,3})(?!-|\[redacted:)[^\s\"']++"),
    "P": re.compile(r"(\s-P\s{0,3})(?!-|\[redacted:)[^\s\"']++"),
    "u": re.compile(r"(\s(?:-u|--user)[ =]{0,3}[\"']?)(?!-|\[redacted:)[^\s:\"']++:[^\s\"']++"),
}

# fmt: off
_PROSE: Final = frozenset({
    "yes", "no", "none", "null", "nil", "undefined", "unset", "empty", "missing", "required", "invalid",
    "incorrect", "expired", "wrong", "bad", "must", "cannot", "can", "could", "is", "was", "has", "have",
    "should", "may", "not", "the", "this", "your", "a", "an", "for", "of", "in", "to", "and", "or", "but",
    "with", "too", "does", "did", "please", "authentication", "authorization", "login", "failed", "failure",
    "error", "denied", "unauthorized", "unknown", "true", "false", "string", "str", "object", "bytes",
    "hidden", "redacted", "masked", "n/a", "{", "[", "(",
})
_PROSE_OF_OPTIONS: Final = _PROSE | {
    "option", "options", "flag", "flags", "argument", "arguments", "parameter", "parameters", "switch",
    "value", "values",
}
# fmt: on
_PLACEHOLDER: Final = ("${", "{{", "${{", "<", "@Microsoft.KeyVault(")
_BLOTTED: Final = frozenset("*x#.•-")
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
    kind = _kind_of(match["name"].lower())
    return match[0] if _is_prose(match, kind) else f"{match['name']}{match['separator']}{mark(kind)}"


def _kind_of(name: str) -> str:
    if name.startswith(("pass", "pwd")):
        return "password"
    if name.endswith("signature"):
        return "sas"
    return next((kind for kind in ("secret", "token") if name.startswith(kind)), "key")


def hide_option(match: re.Match[str]) -> str:
    """Hide the value of a command-line option, unless it is prose about the option."""
    prose = _says_nothing(match["value"], _PROSE_OF_OPTIONS)
    return match[0] if prose else match[1] + mark("password")


def hide_short_options(command: re.Match[str]) -> str:
    """Hide the passwords that a command line gives by `-p` and the like."""
    option = command.lastgroup or "p"
    kind = "credentials" if option == "u" else "password"
    return _SHORT_OPTION[option].sub(rf"\1{mark(kind)}", command[0])


def _is_prose(match: re.Match[str], kind: str) -> bool:
    separator, value, text = match["separator"].rstrip(), match["value"], match.string
    if separator.endswith(">") and not separator.endswith("=>"):  # an XML element, if anything
        return not text.startswith("</", match.end())
    if value[0] in "\"'\\":
        return False
    if _says_nothing(value, _PROSE):
        return True
    if kind == "password":
        return _is_no_password(match["name"].lower(), separator, value)
    if kind == "token" and _NO_CREDENTIAL.search(text, max(0, match.start() - 20), match.start()):
        return True
    told = separator == ":" and kind != "sas"
    return told and (not _SECRETLIKE.match(value) or "://" in value)


def _says_nothing(value: str, prose: frozenset[str]) -> bool:
    """Whether a value is a word of a sentence, a placeholder, or hidden already."""
    word = value[:20].lower().rstrip(".,:;!?")
    blotted = len(value) > 2 and _BLOTTED.issuperset(value)
    return blotted or word in prose or value.startswith(_PLACEHOLDER)


def _is_no_password(name: str, separator: str, value: str) -> bool:
    if name == "pwd":  # the shell's working directory has the same name
        return bool(_DIRECTORY.fullmatch(value))
    return name == "pass" and (separator == ":" or value.rstrip("%").isdecimal())
