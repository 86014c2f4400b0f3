"""What the app needs before it serves on this machine: tables and queues, and somebody who can sign in."""

from __future__ import annotations

import os

from rca import wiring
from rca.errors import ConflictError

_ADMIN = ("FIRST_ADMIN_EMAIL", "FIRST_ADMIN_PASSWORD", "SETUP_TOKEN")


def prepare() -> None:
    """Make the app's storage, and its first admin out of local.settings.json unless there is an account."""
    wiring.prepare()
    email, password, token = (os.environ.get(name, "") for name in _ADMIN)
    if not (email and password and token):
        return
    try:
        wiring.app().accounts.set_up(token, email, password, "First admin", "127.0.0.1")
    except ConflictError:
        return
