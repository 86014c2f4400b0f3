"""What the tests of the local host share: a copy of the test app, hosts that run it, what it told."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

from localhost.process import HostProcess

APP = Path(__file__).parent / "app"
SIGNALR = f"Endpoint=http://localhost;Port=8888;AccessKey={secrets.token_urlsafe(32)};Version=1.0;"
DEADLINE = 20.0


def until[T](look: Callable[[], T], seconds: float = DEADLINE) -> T:
    """What `look` gives as soon as it gives something true."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > deadline:
            assert found, f"nothing within {seconds:.0f} s"
            return found
        time.sleep(0.02)


@dataclass(frozen=True)
class Stage:
    """A copy of the test app with its own queues."""

    app: Path
    prefix: str
    storage: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "EVENTS": str(self.app / "events.jsonl"),
            "PREFIX": self.prefix,
            "EVERY": "0 0 0 1 1 *",
            "AzureSignalRConnectionString": SIGNALR,
            "LOCALHOST_FUNCTION_KEY": "the-key",
        }

    def host(self, *arguments: str, data: Path | None = None, **env: str) -> HostProcess:
        """A host on the shared Azurite, or with its own that keeps its data in `data`."""
        connection = None if data else self.storage
        overlay = {**self.env, **env}
        log = self.app / "host.log"
        return HostProcess(
            self.app, data=data, connection=connection, arguments=arguments, env=overlay, log=log
        )

    def events(self, kind: str) -> list[dict[str, Any]]:
        file = self.app / "events.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [event for event in map(json.loads, lines) if event["kind"] == kind]

    def queue(self, name: str) -> QueueClient:
        return QueueClient.from_connection_string(
            self.storage,
            f"{self.prefix}-{name}",
            message_encode_policy=TextBase64EncodePolicy(),
            message_decode_policy=TextBase64DecodePolicy(),
        )

    def bodies(self, name: str) -> list[str]:
        """Decoded bodies of the messages that are visible now."""
        return [message.content for message in self.queue(name).peek_messages(max_messages=32)]


def make_stage(folder: Path, storage: str) -> Stage:
    app = folder / "app"
    shutil.copytree(APP, app, ignore=shutil.ignore_patterns("__pycache__"))
    return Stage(app, f"t{secrets.token_hex(4)}", storage)
