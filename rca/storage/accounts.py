"""The `accounts` table: local users, and the attempts to sign in.

| PartitionKey | RowKey | holds |
|---|---|---|
| `account` | hash of the e-mail address | one user |
| `account` | `first` | marks that the first account was made |
| `attempts` | hashes of address and account | failed attempts |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode

from rca.domain.accounts import Account, Attempts, Role
from rca.domain.times import iso, parse_iso
from rca.errors import UnavailableError
from rca.storage.connection import Storage
from rca.storage.faults import ExistsError, StaleError, translated
from rca.storage.rows import Row

_ACCOUNTS = "account"
_ATTEMPTS = "attempts"
_FIRST = "first"
_RACES = 20


class Accounts:
    """Keeps users and attempts. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("accounts")

    def find(self, key: str) -> Account | None:
        """Return the account under an `account_key`."""
        row = self._get(_ACCOUNTS, key)
        return _account_of(row) if row and "email" in row else None

    def add_first(self, key: str, account: Account) -> bool:
        """Add the very first account; False where there has been one already."""
        mark: Row = {"PartitionKey": _ACCOUNTS, "RowKey": _FIRST, "account_id": account.id}
        try:
            with translated():
                self._client.submit_transaction([("create", mark), ("create", _account_row(key, account))])
        except ExistsError:
            # After a lost answer the SDK's own retry meets the rows that the first try wrote.
            first = self._get(_ACCOUNTS, _FIRST)
            return first is not None and first["account_id"] == account.id
        return True

    def count_attempt(self, keys: list[str], change: Callable[[list[Attempts]], list[Attempts]]) -> None:
        """Replace the attempts under `keys` by what `change` makes of them, all at once and never lost.

        What `change` raises passes through, and then nothing is written. It may be called several times.
        """
        for _ in range(_RACES):
            rows = [self._get(_ATTEMPTS, key) for key in keys]
            after = change([_attempts_of(row) for row in rows])
            operations = [
                _write(_attempts_row(key, attempts), row)
                for key, row, attempts in zip(keys, rows, after, strict=True)
            ]
            try:
                with translated():
                    self._client.submit_transaction(operations)
            except (ExistsError, StaleError):
                continue
            return
        raise UnavailableError("too many attempts to sign in at the same time", retry_after=1)

    def _get(self, partition: str, key: str) -> Any:
        with translated():
            try:
                return self._client.get_entity(partition, key)
            except ResourceNotFoundError:
                return None


def _write(row: Row, before: Any) -> Any:
    if before is None:
        return ("create", row)
    guard = {"etag": before.metadata["etag"], "match_condition": MatchConditions.IfNotModified}
    return ("update", row, {**guard, "mode": UpdateMode.REPLACE})


def _account_row(key: str, account: Account) -> Row:
    return {
        "PartitionKey": _ACCOUNTS,
        "RowKey": key,
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": str(account.role),
        "password_hash": account.password_hash,
        "created_at": iso(account.created_at),
    }


def _account_of(row: Any) -> Account:
    return Account(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        password_hash=row["password_hash"],
        created_at=parse_iso(row["created_at"]),
    )


def _attempts_row(key: str, attempts: Attempts) -> Row:
    row: Row = {"PartitionKey": _ATTEMPTS, "RowKey": key, "count": attempts.count}
    if attempts.last is not None:
        row["last"] = iso(attempts.last)
    return row


def _attempts_of(row: Any) -> Attempts:
    if row is None:
        return Attempts()
    return Attempts(count=row["count"], last=parse_iso(row["last"]) if "last" in row else None)
