"""People: accounts, roles, sessions, the rules for passwords and for slowing down guesses."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rca.errors import ShapeError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD_BYTES = 72
"""bcrypt reads no further; a longer one is refused, never truncated."""

LONGEST_EMAIL = 254
"""RFC 5321 §4.5.3.1.3, without the angle brackets."""
LONGEST_NAME = 100

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Role(StrEnum):
    """What an account may do, least first: read, work on tickets, manage people and settings."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Whether this role includes all that `needed` may do."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A local user; `id` stands for the person in audit entries and outlives a change of name or e-mail."""

    id: str
    email: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in, as their token says."""

    account_id: str
    name: str
    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often someone failed to sign in, and when last."""

    count: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How guessing is slowed: `free` attempts without delay, then waits that double up to `longest`.

    Attempts older than `memory` are forgotten.
    """

    free: int
    longest: timedelta = timedelta(minutes=15)
    memory: timedelta = timedelta(hours=24)

    def wait(self, attempts: Attempts, now: datetime) -> timedelta:
        """How long from `now` on no further attempt is accepted; zero where one is."""
        if attempts.last is None or attempts.count < self.free or now - attempts.last >= self.memory:
            return timedelta()
        doublings = min(attempts.count - self.free, 30)
        until = attempts.last + min(timedelta(seconds=2**doublings), self.longest)
        return max(until - now, timedelta())

    def another(self, attempts: Attempts, now: datetime) -> Attempts:
        """Count one more attempt."""
        forgotten = attempts.last is None or now - attempts.last >= self.memory
        return Attempts(count=1 if forgotten else attempts.count + 1, last=now)


def normal_email(email: str) -> str:
    """Bring an e-mail address into the form that is compared; raises ShapeError where it is none."""
    normal = unicodedata.normalize("NFC", email).strip().lower()
    if len(normal) > LONGEST_EMAIL or not normal.isprintable() or not _EMAIL.fullmatch(normal):
        raise ShapeError("this is not an e-mail address", ["email"])
    return normal


def normal_name(name: str) -> str:
    """Tidy a person's name; raises ShapeError where it is empty, too long or not printable."""
    normal = unicodedata.normalize("NFC", name).strip()
    if not normal or len(normal) > LONGEST_NAME or not normal.isprintable():
        raise ShapeError(f"a name has 1 to {LONGEST_NAME} printable characters", ["name"])
    return normal


def check_new_password(password: str) -> None:
    """Raise ShapeError where a password that someone chooses is too short or would be cut off by bcrypt."""
    if len(password) < SHORTEST_PASSWORD:
        raise ShapeError(f"a password needs at least {SHORTEST_PASSWORD} characters", ["password"])
    if password_bytes(password) is None:
        raise ShapeError(
            f"a password is text of at most {LONGEST_PASSWORD_BYTES} bytes in UTF-8", ["password"]
        )


def password_bytes(password: str) -> bytes | None:
    """Return what bcrypt compares, or None for text that can be nobody's password."""
    try:
        raw = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return None if len(raw) > LONGEST_PASSWORD_BYTES or b"\0" in raw else raw


def account_key(email: str) -> str:
    """Return the row key of an account: the hash of its normal e-mail address."""
    return hashlib.sha256(email.encode()).hexdigest()


def address_key(address: str) -> str:
    """Return the key under which attempts from an address count; an IPv6 host counts as its /64 network."""
    return hashlib.sha256(_origin(address).encode()).hexdigest()


def _origin(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
