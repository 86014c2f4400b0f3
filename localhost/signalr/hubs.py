"""Who is connected to which hub, and to whom a message goes."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

# a client that reads so slowly is cut off, as by the service; it reconnects and loads afresh
BACKLOG = 1_000


@dataclass(eq=False, slots=True)
class Client:
    """One WebSocket connection; `outbox` holds the frames to send, None asks to close."""

    id: str
    user: str
    groups: set[str] = field(default_factory=set)
    outbox: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)

    def post(self, frame: str) -> None:
        """Queue a frame; close when the client does not keep up."""
        self.outbox.put_nowait(frame if self.outbox.qsize() < BACKLOG else None)


class Hub:
    """One hub's connections and groups. A user's groups hold for connections that come later, too."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._user_groups: defaultdict[str, set[str]] = defaultdict(set)

    def join(self, client: Client) -> None:
        """Let a connection in."""
        self._clients[client.id] = client

    def leave(self, client: Client) -> None:
        """Forget a connection."""
        self._clients.pop(client.id, None)

    def send(self, frame: str, *, connection: str = "", user: str = "", group: str = "") -> None:
        """Post to one connection, one user or one group, whichever is named first; to all if none is."""
        for client in list(self._receivers(connection, user, group)):
            client.post(frame)

    def add(self, group: str, *, connection: str = "", user: str = "") -> None:
        """Put a connection or a user into a group."""
        if user:
            self._user_groups[user].add(group)
        elif client := self._clients.get(connection):
            client.groups.add(group)

    def remove(self, group: str, *, connection: str = "", user: str = "") -> None:
        """Take a connection or a user out of a group; out of all with an empty `group`."""
        groups = self._user_groups[user] if user else self._groups_of(connection)
        groups.difference_update({group} if group else set(groups))

    def _groups_of(self, connection: str) -> set[str]:
        client = self._clients.get(connection)
        return client.groups if client else set()

    def _receivers(self, connection: str, user: str, group: str) -> Iterator[Client]:
        for client in self._clients.values():
            if connection:
                chosen = client.id == connection
            elif user:
                chosen = client.user == user
            else:
                chosen = (
                    not group or group in client.groups or group in self._user_groups.get(client.user, ())
                )
            if chosen:
                yield client


class Hubs:
    """All hubs by name, which knows no case."""

    def __init__(self) -> None:
        self._hubs: defaultdict[str, Hub] = defaultdict(Hub)

    def __getitem__(self, name: str) -> Hub:
        return self._hubs[name.lower()]
