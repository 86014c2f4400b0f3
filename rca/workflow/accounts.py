"""Signing in: the first admin, sessions, and the slowing down of guesses."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from rca.domain.accounts import (
    Account,
    Attempts,
    Backoff,
    Role,
    Session,
    account_key,
    address_key,
    check_new_password,
    normal_email,
    normal_name,
    password_bytes,
)
from rca.errors import ConflictError, ShapeError, TooManyRequestsError, UnauthorizedError
from rca.settings import Settings
from rca.workflow.passwords import BcryptPasswords, Passwords
from rca.workflow.ports import Clock
from rca.workflow.sessions import Grant, Sessions

PER_ACCOUNT_AND_ADDRESS = Backoff(free=5)
"""Someone who guesses at one account is slowed for that account at their own address only."""
PER_ADDRESS = Backoff(free=50)
"""Someone who tries many accounts; wide enough for an office behind one address."""

_SETUP = "setup"


class AccountStore(Protocol):
    """Keeps accounts and attempts. All methods raise UnavailableError while storage does not answer."""

    def find(self, key: str) -> Account | None:
        """Return the account under an `account_key`."""

    def add_first(self, key: str, account: Account) -> bool:
        """Add the very first account; False where there has been one already."""

    def count_attempt(self, keys: list[str], change: Callable[[list[Attempts]], list[Attempts]]) -> None:
        """Replace the attempts under `keys` by what `change` makes of them, all at once and never lost.

        What `change` raises passes through, and then nothing is written. It may be called several times.
        """


class AccountService:
    """The use cases around people. `address` is always the caller's IP address as text."""

    def __init__(
        self,
        store: AccountStore,
        settings: Settings,
        now: Clock = lambda: datetime.now(UTC),
        passwords: Passwords | None = None,
        new_id: Callable[[], str] = lambda: f"acc-{secrets.token_hex(10)}",
    ) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._sessions = Sessions(settings, now)
        self._passwords = passwords or BcryptPasswords()
        self._new_id = new_id

    def set_up(self, token: str, email: str, password: str, name: str, address: str) -> Account:
        """Create the first admin for whoever holds the set-up token, once.

        Raises UnauthorizedError, ConflictError (an account exists), ShapeError, TooManyRequestsError and
        NotConfiguredError (no set-up token is set).
        """
        expected = self._settings.require("setup_token")
        self._reserve(_SETUP, address)
        if not hmac.compare_digest(_bytes(token), _bytes(expected)):
            raise UnauthorizedError("the set-up token is wrong")
        self._forgive(_SETUP, address)
        email, name = normal_email(email), normal_name(name)
        check_new_password(password)
        account = Account(
            id=self._new_id(),
            email=email,
            name=name,
            role=Role.ADMIN,
            password_hash=self._passwords.hash(password_bytes(password) or b""),
            created_at=self._now(),
        )
        if not self._store.add_first(account_key(email), account):
            raise ConflictError("there is an account already; its admin can invite others")
        return account

    def sign_in(self, email: str, password: str, address: str) -> Grant:
        """Exchange e-mail and password for a session.

        An unknown e-mail address costs the caller as much time as a wrong password and gets the same answer.
        Raises UnauthorizedError, TooManyRequestsError and NotConfiguredError.
        """
        self._sessions.check_configured()
        try:
            key = account_key(normal_email(email))
        except ShapeError:
            key = "nobody"
        self._reserve(key, address)
        account = self._store.find(key)
        raw = password_bytes(password)
        matches = self._passwords.matches(
            raw or b"", account.password_hash if account else self._passwords.nobody()
        )
        if account is None or raw is None or not matches:
            raise UnauthorizedError("e-mail address or password is wrong")
        self._forgive(key, address)
        return self._sessions.grant(account)

    def verify(self, token: str) -> Session:
        """Return the session that a token stands for; raises UnauthorizedError for any other text."""
        return self._sessions.verify(token)

    def _reserve(self, key: str, address: str) -> None:
        """Count an attempt before it is made, so that parallel guesses count too."""
        now = self._now()

        def change(before: list[Attempts]) -> list[Attempts]:
            waits = [rule.wait(attempts, now) for rule, attempts in zip(_RULES, before, strict=True)]
            if longest := max(waits):
                seconds = int(longest.total_seconds()) + 1
                raise TooManyRequestsError(f"too many attempts; try again in {seconds} s", seconds)
            return [rule.another(attempts, now) for rule, attempts in zip(_RULES, before, strict=True)]

        self._store.count_attempt(_attempt_keys(key, address), change)

    def _forgive(self, key: str, address: str) -> None:
        """Take a good attempt back; other attempts of the address still count."""

        def change(before: list[Attempts]) -> list[Attempts]:
            _, of_address = before
            return [Attempts(), replace(of_address, count=max(of_address.count - 1, 0))]

        self._store.count_attempt(_attempt_keys(key, address), change)


_RULES = (PER_ACCOUNT_AND_ADDRESS, PER_ADDRESS)


def _attempt_keys(key: str, address: str) -> list[str]:
    origin = address_key(address)
    return [f"{origin}-{key}", origin]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
