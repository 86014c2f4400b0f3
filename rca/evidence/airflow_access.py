"""How to sign in to Airflow: basic authentication for v1, a JWT from POST /auth/token for v2, or a given token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from rca.evidence import reading
from rca.evidence.credentials import bearer, fixed
from rca.evidence.errors import AnswerError, EvidenceError
from rca.evidence.http import Http, Request
from rca.evidence.ports import Deadline


class Access:
    """Credentials of one Airflow; remembers the JWT until it is refused."""

    def __init__(
        self,
        address: str,
        http: Http,
        username: str | None,
        password: SecretStr | None,
        token: SecretStr | None,
    ) -> None:
        self._address = address
        self._http = http
        self._username = username
        self._password = password
        self._token = token
        self._jwt: str | None = None
        self._lock = threading.Lock()

    def call[T](self, version: str, ask: Callable[[Mapping[str, str]], T], deadline: Deadline) -> T:
        """Ask with the right header; once more with a fresh JWT where the remembered one is refused."""
        signs_in = version == "v2" and self._token is None and self._username is not None
        if not signs_in:
            return ask(fixed(self._token, self._username, self._password)())
        remembered = self._jwt
        if remembered:
            try:
                return ask(bearer(remembered))
            except AnswerError as error:
                if error.code != 401:
                    raise
        return ask(bearer(self._signed_in(remembered, deadline)))

    def _signed_in(self, refused: str | None, deadline: Deadline) -> str:
        with self._lock:
            if self._jwt is None or self._jwt == refused:
                self._jwt = self._sign_in(deadline)
            return self._jwt

    def _sign_in(self, deadline: Deadline) -> str:
        password = self._password.get_secret_value() if self._password else ""
        body = {"username": self._username, "password": password}
        request = Request(url=f"{self._address}/auth/token", method="POST", body=body)
        # The documentation says jwt_token, the server sends access_token.
        token = reading.first(self._http.json(request, deadline), "access_token", "jwt_token")
        if token is None or not token.isascii() or not token.isprintable():
            raise EvidenceError("Airflow's /auth/token gave no token")
        return token
