"""The app's HTTP API as a sender of alerts and a person at the dashboard use it."""

from types import TracebackType
from typing import Any, Self

import httpx

from localhost.errors import HostError

LISTS = ("open-tickets", "in-progress-tickets", "closed-tickets")


class Api:
    """A client of one running host; raises HostError where the host does not answer or refuses what it must not."""

    def __init__(self, url: str, seconds: float = 30) -> None:
        self._client = httpx.Client(base_url=f"{url}/api/", timeout=seconds, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post_alert(self, route: str, body: bytes) -> tuple[int, str | None]:
        """Post an alert; returns the HTTP status, and the alert id where it was accepted."""
        response = self._send("POST", route, content=body, headers={"Content-Type": "application/json"})
        return response.status_code, response.json()["alert_id"] if response.status_code == 202 else None

    def fate(self, alert_id: str) -> dict[str, Any]:
        """Return what became of an alert so far."""
        return self._good("GET", f"alerts/{alert_id}")

    def sign_in(self, email: str, password: str, setup_token: str) -> str:
        """Sign in for all that follows and return the token; sets the first admin up where there is none."""
        account = {"email": email, "password": password}
        response = self._send("POST", "login", json=account)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._set_up({**account, "name": "First admin", "token": setup_token})
            response = self._send("POST", "login", json=account)
        if response.status_code != httpx.codes.OK:
            raise HostError(f"sign-in as {email} was answered with {response.status_code}: {response.text}")
        token: str = response.json()["token"]
        self._client.headers["X-Session-Token"] = token
        return token

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """Return one ticket whole, with its exact number of occurrences."""
        ticket: dict[str, Any] = self._good("GET", f"tickets/{ticket_id}")["ticket"]
        return ticket

    def listed(self) -> set[str]:
        """Return the ids on the board: open, in progress and closed, all pages."""
        ids: set[str] = set()
        for name in LISTS:
            continuation: str | None = ""
            while continuation is not None:
                page = self._good("GET", name, params={"continuation": continuation} if continuation else {})
                ids.update(card["id"] for card in page["tickets"])
                continuation = page.get("continuation")
        return ids

    def dead_letters(self) -> int:
        """Return how many dead letters there are, up to the page that the API gives."""
        return len(self._good("GET", "deadletters")["deadletters"])

    def _set_up(self, admin: dict[str, str]) -> None:
        response = self._send("POST", "setup", json=admin)
        if response.status_code == httpx.codes.CONFLICT:
            raise HostError(
                f"storage knows an admin, but not {admin['email']} with the password in local.settings.json: "
                "put the old file back, or remove .local to start afresh"
            )
        if not response.is_success:
            raise HostError(f"set-up was answered with {response.status_code}: {response.text}")

    def get(self, path: str) -> dict[str, Any]:
        """Return what a read route answers."""
        return self._good("GET", path)

    def _good(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = self._send(method, path, **options)
        if not response.is_success:
            raise HostError(f"{method} /api/{path} was answered with {response.status_code}: {response.text}")
        data: dict[str, Any] = response.json()
        return data

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise HostError(f"{method} /api/{path}: no answer ({type(error).__name__}: {error})") from error
