"""host.json: the part of it that this host heeds, with Azure's names, defaults and limits.

https://learn.microsoft.com/azure/azure-functions/functions-host-json
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from localhost.errors import UsageError
from localhost.jsonfile import Json, read_object

OVERRIDE_PREFIX = "azurefunctionsjobhost__"
TIMESPAN = re.compile(r"(?:(\d+)\.)?([01]?\d|2[0-3]):([0-5]?\d)(?::([0-5]?\d(?:\.\d+)?))?")
FIRST_POLL = 0.1


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """`extensions.queues`; times in seconds."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0.0
    max_polling_interval: float = 60.0
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostConfig:
    """What this host heeds of host.json."""

    route_prefix: str = "api"
    queues: QueueOptions = QueueOptions()


def load_config(path: Path, environ: Mapping[str, str]) -> HostConfig:
    """Read host.json and lay `AzureFunctionsJobHost__a__b` variables over it, as the real host does.

    Raises UsageError that names the file and the place.
    """
    if not path.exists():
        raise UsageError(f"{path}: not found; --app must name the folder of the function app")
    values = dict(_flatten(read_object(path)))
    if values.get("version") != "2.0":
        raise UsageError(f'{path}: "version" must be "2.0"')
    for name, value in environ.items():
        if name.lower().startswith(OVERRIDE_PREFIX):
            values[name.lower()[len(OVERRIDE_PREFIX) :].replace("__", ".")] = value
    reader = _Reader(path, values)
    return HostConfig(
        route_prefix=reader.text("extensions.http.routeprefix", "api").strip("/"),
        queues=_queue_options(reader),
    )


def seconds(text: str) -> float:
    """Convert a .NET TimeSpan such as `00:00:30` or `1.02:00:00.5`; raises ValueError."""
    match = TIMESPAN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is no time span (hh:mm:ss)")
    days, hours, minutes, rest = match.groups(default="0")
    return ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + float(rest)


def _queue_options(reader: "_Reader") -> QueueOptions:
    prefix = "extensions.queues."
    batch_size = reader.number(prefix + "batchsize", 16, 1, 32)
    encoding = reader.text(prefix + "messageencoding", "base64").lower()
    if encoding not in ("base64", "none"):
        raise reader.error(prefix + "messageencoding", "must be base64 or none")
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=reader.number(prefix + "newbatchthreshold", batch_size // 2, 0, 1_000),
        max_dequeue_count=reader.number(prefix + "maxdequeuecount", 5, 1, 1_000),
        visibility_timeout=reader.span(prefix + "visibilitytimeout", 0.0),
        max_polling_interval=max(FIRST_POLL, reader.span(prefix + "maxpollinginterval", 60.0)),
        base64=encoding == "base64",
    )


def _flatten(node: dict[str, Json], path: str = "") -> Iterator[tuple[str, Json]]:
    """Leaves by dotted lower-case path: .NET configuration keys know no case."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{path}{key.lower()}.")
        else:
            yield path + key.lower(), value


class _Reader:
    """Typed look-ups whose errors name the file and the key."""

    def __init__(self, path: Path, values: Mapping[str, Json]) -> None:
        self._path = path
        self._values = values

    def error(self, key: str, problem: str) -> UsageError:
        return UsageError(f"{self._path}: {key} {problem}, not {self._values.get(key)!r}")

    def text(self, key: str, default: str) -> str:
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, "must be a string")
        return value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        value = self._values.get(key, default)
        number = int(value) if isinstance(value, str) and value.strip().isdigit() else value
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise self.error(key, f"must be a whole number from {least} to {most}")
        return number

    def span(self, key: str, default: float) -> float:
        if key not in self._values:
            return default
        try:
            return seconds(self.text(key, ""))
        except ValueError as error:
            raise self.error(key, "must be a time span hh:mm:ss") from error
