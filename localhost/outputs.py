"""Queue output bindings."""

import base64
import json
from collections.abc import Mapping

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from localhost.errors import InvocationError
from localhost.functions import Binding, Function
from localhost.jsonfile import Json
from localhost.storage import Storage
from localhost.worker import Datum


class QueueOutput:
    """Sends what functions give to their queue outputs."""

    def __init__(self, storage: Storage, *, base64_encoded: bool) -> None:
        self._storage = storage
        self._base64 = base64_encoded
        self._queues: dict[int, QueueClient] = {}

    def prepare(self, function: Function) -> None:
        """Open the function's output queues; raises HostError when a setting is missing."""
        for binding in function.outputs:
            if binding.type == "queue":
                where = f"function {function.name}, binding {binding.name}"
                self._queues[id(binding)] = self._storage.queue(binding, where)

    async def __call__(self, binding: Binding, datum: Datum) -> None:
        """Send one message, or one per element of a JSON array; a missing queue is created, as in Azure."""
        queue = self._queues[id(binding)]
        for body in split_messages(datum):
            text = base64.b64encode(body).decode() if self._base64 else body.decode("utf-8", "replace")
            try:
                await self._storage.call(queue.send_message, text)
            except ResourceNotFoundError:
                await self._storage.create(queue)
                await self._storage.call(queue.send_message, text)


def split_messages(datum: Datum) -> list[bytes]:
    """Make the messages that the real host makes of an output (FunctionBinding.cs ReadAsEnumerable).

    A string that starts and ends like JSON is parsed: an array becomes one message an element, an object is
    written anew, indented. Raises InvocationError if it then is not JSON.
    """
    if datum.type == "bytes":
        return [bytes(datum.value)]
    text = _text(datum)
    if not looks_like_json(text):
        return [_utf8(text)]
    document = parse_json(datum)
    return [_utf8(_token(item)) for item in (document if isinstance(document, list) else [document])]


def parse_json(datum: Datum) -> Json:
    """Parse an output as JSON; raises InvocationError."""
    try:
        document: Json = json.loads(_text(datum))
    except ValueError as error:
        raise InvocationError(f"not valid JSON: {error}") from error
    return document


def looks_like_json(text: str) -> bool:
    """Apply the real host's test (Utility.cs IsJson): braces or brackets at both ends."""
    stripped = text.strip()
    return stripped[:1] + stripped[-1:] in ("{}", "[]")


def _text(datum: Datum) -> str:
    return json.dumps(datum.value) if datum.type in ("dict", "list") else str(datum.value)


def _token(item: Json) -> str:
    """Write an element as .NET's JToken.ToString() does."""
    if item is None or isinstance(item, str | bool):
        return str(item) if item is not None else ""
    return (
        json.dumps(item, indent=2, ensure_ascii=False)
        if isinstance(item, Mapping | list)
        else json.dumps(item)
    )


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
