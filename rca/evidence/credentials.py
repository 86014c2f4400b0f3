"""Authorization headers from settings."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from rca.evidence.addresses import is_loopback
from rca.evidence.ports import Tokens

type Headers = Callable[[], Mapping[str, str]]
"""Called for each request, as tokens expire."""


def fixed(token: SecretStr | None, username: str | None = None, password: SecretStr | None = None) -> Headers:
    """Bearer token if there is one, else basic authentication, else none."""
    if token is not None:
        return lambda: bearer(token.get_secret_value())
    if username is not None and password is not None:
        pair = f"{username}:{password.get_secret_value()}".encode()
        return lambda: {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return dict


def entra(tokens: Tokens, scope: str, address: str) -> Headers:
    """Token of the managed identity; none for an address on this machine, which is no Azure service."""
    if is_loopback(address):
        return dict
    return lambda: bearer(tokens(scope))


def bearer(token: str) -> Mapping[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
