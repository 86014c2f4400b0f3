"""Session tokens: JSON Web Tokens (RFC 7519) signed by HMAC-SHA-256 with the first of our secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rca.domain.accounts import Account, Role, Session
from rca.errors import UnauthorizedError
from rca.settings import Settings
from rca.workflow.ports import Clock

ISSUER = "aiops-rca-assistant"
AUDIENCE = "aiops-rca-dashboard"
LONGEST_TOKEN = 4_096

_REQUIRED = ["exp", "iat", "sub", "iss", "aud"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a sign-in gives: the token, and whose session it stands for."""

    token: str
    session: Session


class Sessions:
    """Makes and reads session tokens. All methods raise NotConfiguredError while no secret is set."""

    def __init__(self, settings: Settings, now: Clock) -> None:
        self._settings = settings
        self._now = now

    def check_configured(self) -> None:
        """Raise NotConfiguredError where tokens can't be signed."""
        self._settings.keys("session_secret")

    def grant(self, account: Account) -> Grant:
        """Open a session for an account whose owner proved themselves."""
        import jwt

        now = self._now().replace(microsecond=0)
        session = Session(
            account_id=account.id,
            name=account.name,
            role=account.role,
            expires_at=now + timedelta(hours=self._settings.session_hours),
        )
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account.id,
            "name": account.name,
            "role": str(account.role),
            "iat": int(now.timestamp()),
            "exp": int(session.expires_at.timestamp()),
        }
        key = self._settings.keys("session_secret")[0]
        return Grant(token=jwt.encode(claims, key, algorithm="HS256"), session=session)

    def verify(self, token: str) -> Session:
        """Return the session that a token stands for; raises UnauthorizedError for any other text."""
        if not 0 < len(token) <= LONGEST_TOKEN:
            raise UnauthorizedError("sign in first")
        for key in self._settings.keys("session_secret"):
            session = _read(token, key)
            if session is None:
                continue
            if session.expires_at <= self._now():
                raise UnauthorizedError("the session is over; sign in again")
            return session
        raise UnauthorizedError("the session token is not valid; sign in again")


def _read(token: str, key: bytes) -> Session | None:
    """Return what a token that this key signed says, whether over or not."""
    import jwt

    options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False}
    try:
        return _session(
            jwt.decode(token, key, algorithms=["HS256"], issuer=ISSUER, audience=AUDIENCE, options=options)
        )
    # A token is any text a stranger likes to send; the library's own errors do not cover all of it.
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return None


def _session(claims: dict[str, Any]) -> Session:
    subject, name, expires = claims["sub"], claims["name"], claims["exp"]
    if not isinstance(subject, str) or not isinstance(name, str) or not isinstance(expires, int):
        raise TypeError("claims of the wrong type")
    return Session(
        account_id=subject,
        name=name,
        role=Role(claims["role"]),
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
