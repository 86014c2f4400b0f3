"""Access tokens of the emulator, as Azure SignalR Service makes them: HS256 with the connection string's key."""

import time
from collections.abc import Mapping

import jwt

from localhost.errors import HostError

LIFETIME_SECONDS = 3_600
USER_CLAIM = "nameid"


class TokenError(Exception):
    """No token, or none of ours."""


class Access:
    """Signs and checks tokens with the AccessKey of a SignalR connection string."""

    def __init__(self, connection_string: str, where: str) -> None:
        parts = dict(part.split("=", 1) for part in connection_string.split(";") if "=" in part)
        self._key = parts.get("AccessKey", "")
        if not self._key:
            raise HostError(f"{where}: the SignalR connection string has no AccessKey")

    def token(self, url: str, user: str) -> str:
        """Make a token for the client URL `url`; `user` may be empty."""
        now = int(time.time())
        claims: dict[str, object] = {"aud": url, "iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode(claims | ({USER_CLAIM: user} if user else {}), self._key, algorithm="HS256")

    def user(self, token: str, hub: str) -> str:
        """Return the user that `token` names ("" if none); raises TokenError if it is not valid for `hub`."""
        try:
            claims: Mapping[str, object] = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                options={"verify_aud": False, "require": ["aud", "exp"]},
            )
        except jwt.InvalidTokenError as error:
            raise TokenError(str(error)) from error
        # the port may be another one than at signing, behind a proxy: the hub is what the token is for
        if not str(claims["aud"]).endswith(f"?hub={hub.lower()}"):
            raise TokenError("the token is for another hub")
        return str(claims.get(USER_CLAIM, ""))
