"""Addresses that we are willing to call, and how names from outside become part of one."""

from __future__ import annotations

import re
from urllib.parse import quote

from rca.evidence.errors import RefusedError

# Stricter than RFC 3986, so that no two readers of an address disagree on its host: no user-info, no backslash.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9_.-]{1,255}|\[[0-9A-Fa-f:]{2,45}\])(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/[!-\[\]-~]*)?"
)
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]")
_HIGHEST_PORT = 65_535
_PORTS = {"https": "443", "http": "80"}


def origin(address: str) -> str:
    """Return `scheme://host:port` of an https address, or of an http address on this machine.

    Raises RefusedError for any other.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise RefusedError("the address is not a plain https address")
    scheme, host = found["scheme"], found["host"].lower()
    if scheme == "http" and not _LOOPBACK.fullmatch(host):
        raise RefusedError(f"the address on {host} is http; only https is allowed off this machine")
    port = found["port"] or _PORTS[scheme]
    if int(port) > _HIGHEST_PORT:
        raise RefusedError("the address names no port that exists")
    return f"{scheme}://{host}:{port}"


def is_loopback(address: str) -> bool:
    """Whether an address that `origin` accepts is on this machine."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and _LOOPBACK.fullmatch(found["host"].lower()) is not None


def segment(name: str) -> str:
    """Encode a name from outside as one segment of a path; raises RefusedError for what would change the path."""
    if name in {"", ".", ".."}:
        raise RefusedError(f"{name!r} is no name of anything")
    return quote(name, safe="")


def shown(address: str) -> str:
    """Return an address without its query, short enough for a message."""
    bare = address.partition("?")[0]
    return bare if len(bare) <= 160 else f"{bare[:159]}…"
