"""Frames of the JSON hub protocol: JSON text that ends with 0x1E."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum

from localhost.jsonfile import Json

END = "\x1e"


class Kind(IntEnum):
    """Message types of the hub protocol that matter to a serverless hub."""

    INVOCATION = 1
    COMPLETION = 3
    PING = 6
    CLOSE = 7


def pack(message: Mapping[str, Json]) -> str:
    """Make one frame."""
    return json.dumps(message, separators=(",", ":")) + END


def invocation(target: str, arguments: Sequence[Json]) -> str:
    """Make a frame that calls `target` on the client."""
    return pack({"type": Kind.INVOCATION, "target": target, "arguments": list(arguments)})


HANDSHAKE_DONE = pack({})
PING = pack({"type": Kind.PING})
CLOSE = pack({"type": Kind.CLOSE, "allowReconnect": True})


def unpack(text: str) -> Iterator[dict[str, Json]]:
    """Yield the messages in what a client sent; raises ValueError on anything but JSON objects."""
    for frame in text.split(END):
        if frame.strip():
            message = json.loads(frame)
            if not isinstance(message, dict):
                raise ValueError("a hub message is a JSON object")
            yield message
