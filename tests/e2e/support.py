"""What the end-to-end tests share: the application under the real local host, and a client of its HTTP API."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import httpx
from pydantic import SecretStr

from localhost.process import HostProcess
from rca.domain.ids import alert_time
from rca.settings import Settings
from rca.wiring import App
from rca.workflow.messages import ALERTS, ANALYSES, BROADCASTS, CHANGES

ROOT = Path(__file__).parents[2]
EMULATOR = "UseDevelopmentStorage=true"
KEY = "function-key-of-the-tests"
ADMIN = {"email": "dana@example.com", "password": "correct horse battery staple", "name": "Dana Okafor"}
SECONDS = 60.0
AT_ONCE = 16

type Json = dict[str, Any]


def until[T](look: Callable[[], T], seconds: float = SECONDS, what: str = "it") -> T:
    """What `look` gives as soon as it gives something true."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still waiting for {what}"
        time.sleep(0.05)


class Client:
    """The API as a sender of alerts and, once signed in, a person uses it; `raw` asks without any credentials."""

    def __init__(self, url: str, setup_token: str) -> None:
        self.url = url
        self._setup_token = setup_token
        self.session: dict[str, str] = {}
        self.raw = httpx.Client(base_url=f"{url}/api/", timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self.raw.close()

    def post(self, route: str, body: bytes | Json) -> httpx.Response:
        """Post an alert with the function key."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"x-functions-key": KEY, "Content-Type": "application/json"}
        return self.raw.post(route, headers=headers, content=content)

    def accepted(self, route: str, body: bytes | Json) -> str:
        """Post an alert that must be accepted; returns its id."""
        answer = self.post(route, body)
        assert answer.status_code == 202, answer.text
        alert_id: str = answer.json()["alert_id"]
        assert alert_time(alert_id)
        return alert_id

    def fate(self, alert_id: str) -> Json:
        """What became of an alert so far."""
        answer = self.raw.get(f"alerts/{alert_id}", headers={"x-functions-key": KEY})
        assert answer.status_code == 200, answer.text
        fate: Json = answer.json()
        return fate

    def settled(self, alert_id: str, seconds: float = SECONDS) -> Json:
        """What became of an alert, as soon as it is known."""

        def known() -> Json | None:
            fate = self.fate(alert_id)
            return fate if fate["status"] != "pending" else None

        fate = until(known, seconds, f"alert {alert_id}")
        assert fate
        return fate

    def all_settled(self, alert_ids: Iterable[str], seconds: float = SECONDS) -> list[Json]:
        """The fates of many alerts, in their order; `seconds` is for all of them."""
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda each: self.settled(each, end - time.monotonic()), alert_ids))

    def sign_in(self) -> str:
        """Open a session for all later `get`s; sets the first admin up where there is none."""
        self.raw.post("setup", json={**ADMIN, "token": self._setup_token})
        answer = self.raw.post("login", json={name: ADMIN[name] for name in ("email", "password")})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        self.session = {"X-Session-Token": token}
        return token

    def get(self, path: str, **params: str) -> Json:
        """Read something that needs a session."""
        answer = self.raw.get(path, headers=self.session, params=params)
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()
        return data


class Site:
    """One instance of the application, told apart by its storage prefix: its hosts, clients, and a view from inside."""

    def __init__(self, connection: str, folder: Path, *, direct: str | None = None) -> None:
        """`connection` is what the hosts get, `direct` what the view from inside uses if that differs."""
        self.prefix = f"e{secrets.token_hex(5)}"
        self._connection = connection
        self._folder = folder
        self._audit_secret, self._session_secret, self._setup_token = (
            secrets.token_urlsafe(32) for _ in range(3)
        )
        self.app = App(
            Settings(
                data_storage=SecretStr(direct or connection),
                storage_prefix=self.prefix,
                audit_secret=SecretStr(self._audit_secret),
                session_secret=SecretStr(self._session_secret),
            )
        )

    @property
    def env(self) -> dict[str, str]:
        """All settings, so that nobody's local.settings.json counts; patience is short."""
        return {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "AzureWebJobsStorage": EMULATOR,
            "DataStorage": EMULATOR,
            "STORAGE_PREFIX": self.prefix,
            "AUDIT_SECRET": self._audit_secret,
            "SESSION_SECRET": self._session_secret,
            "SETUP_TOKEN": self._setup_token,
            "LOCALHOST_FUNCTION_KEY": KEY,
            "AzureSignalRConnectionString": (
                f"Endpoint=http://localhost;Port=8888;AccessKey={secrets.token_urlsafe(32)};Version=1.0;"
            ),
            "PYTHON_THREADPOOL_THREAD_COUNT": "32",
            "CHANGE_DELAY_SECONDS": "1",
            "RETRY_BASE_SECONDS": "1",
            "RETRY_MAX_SECONDS": "4",
            "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.5",
            "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:01",
        }

    def host(self, *arguments: str, app: Path = ROOT, env: Mapping[str, str] | None = None) -> HostProcess:
        """A host that is not started yet; `app` replaces the function app (see `sabotaged`)."""
        return HostProcess(
            app,
            connection=self._connection,
            arguments=["--auth", "--prepare", "rca.wiring:prepare", *arguments],
            env={**self.env, **(env or {})},
            log=self._folder / "host.log",
        )

    def client(self, host: HostProcess) -> Client:
        """A client of a running host."""
        return Client(host.url, self._setup_token)

    def quiet(self) -> bool:
        """Whether nothing is on its way; asked downstream, so that nothing can slip by."""
        return not any(self.app.queues.depth(queue) for queue in (ALERTS, ANALYSES, CHANGES, BROADCASTS))

    def wait_until_quiet(self, seconds: float = SECONDS) -> None:
        """Wait until every message but the deadlines was handled."""
        until(self.quiet, seconds, "the queues to empty")

    def rows(self, table: str) -> list[Json]:
        """All rows of one of our tables."""
        return [dict(row) for row in self.app.storage.table(table).list_entities()]

    def ticket_ids(self) -> list[str]:
        """The ids of all tickets."""
        return [row["PartitionKey"] for row in self.rows("tickets") if row["RowKey"] == "ticket"]

    def log(self) -> str:
        """All that the hosts printed."""
        return (self._folder / "host.log").read_text("utf-8", "replace")


def sabotaged(folder: Path, code: str) -> Path:
    """A function app that is ours after `code` ran; in it `wired` is `rca.wiring.app()`."""
    folder.mkdir(parents=True)
    (folder / "host.json").write_text((ROOT / "host.json").read_text())
    (folder / "function_app.py").write_text(
        f"""import importlib.util
from rca import wiring

spec = importlib.util.spec_from_file_location("whole_app", {str(ROOT / "function_app.py")!r})
whole = importlib.util.module_from_spec(spec)
spec.loader.exec_module(whole)
wired = wiring.app()
{code}
app = whole.app
"""
    )
    return folder


def custom(run_id: str, **fields: Any) -> Json:
    """The smallest alert, or one of that shape with further fields."""
    return {"resource": "nightly_load", "run_id": run_id, "message": "ValueError: bad row", **fields}


def problem(answer: httpx.Response) -> Json:
    """The body of an RFC 9457 answer."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: Json = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    return body
