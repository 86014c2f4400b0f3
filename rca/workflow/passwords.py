"""Slow hashes of passwords."""

from __future__ import annotations

from typing import Protocol


class Passwords(Protocol):
    """Slow, salted hashes of passwords."""

    def hash(self, password: bytes) -> str:
        """Hash a password of at most 72 bytes."""

    def matches(self, password: bytes, hashed: str) -> bool:
        """Compare in a time that does not tell how much was right."""

    def nobody(self) -> str:
        """Return a hash that no password matches and that takes as long to compare as a real one."""


class BcryptPasswords:
    """Passwords by bcrypt; `rounds` is its cost, the binary logarithm of the number of passes."""

    def __init__(self, rounds: int = 12) -> None:
        self._rounds = rounds

    def hash(self, password: bytes) -> str:
        """Hash a password of at most 72 bytes."""
        import bcrypt

        return bcrypt.hashpw(password, bcrypt.gensalt(self._rounds)).decode()

    def matches(self, password: bytes, hashed: str) -> bool:
        """Compare in a time that does not tell how much was right."""
        import bcrypt

        return bcrypt.checkpw(password, hashed.encode())

    def nobody(self) -> str:
        """Return a hash that no password matches and that takes as long to compare as a real one."""
        return f"$2b${self._rounds:02d}${'.' * 53}"
