"""An indexed function and its bindings, as function.json would describe them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from localhost.errors import HostError
from localhost.jsonfile import Json

TRIGGERS = frozenset({"httptrigger", "queuetrigger", "timertrigger"})
INPUTS = frozenset({"signalrconnectioninfo"})
OUTPUTS = frozenset({"http", "queue", "signalr"})


@dataclass(frozen=True, slots=True)
class Binding:
    """One binding; `type` in lower case, `data` the rest of its function.json entry."""

    type: str
    name: str
    is_output: bool
    data: Mapping[str, Json]

    def text(self, key: str, default: str = "") -> str:
        """Read a property as a string; `default` if absent or null."""
        value = self.data.get(key)
        return default if value is None else str(value)

    def texts(self, key: str) -> list[str]:
        """Read a property that is a list of strings."""
        value = self.data.get(key)
        return [str(item) for item in value] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the app."""

    name: str
    id: str
    trigger: Binding
    inputs: tuple[Binding, ...]
    outputs: tuple[Binding, ...]

    def output(self, name: str) -> Binding | None:
        """Find the output binding of this name (`$return` included)."""
        return next((binding for binding in self.outputs if binding.name == name), None)


def build_function(name: str, function_id: str, raw_bindings: Iterable[str]) -> Function:
    """Read the runtime's raw bindings; raises HostError for a kind this host does not serve."""
    bindings = [_binding(cast("dict[str, Json]", json.loads(raw))) for raw in raw_bindings]
    for binding in bindings:
        known = OUTPUTS if binding.is_output else TRIGGERS | INPUTS
        if binding.type not in known:
            raise HostError(f"function {name}: the local host has no binding '{binding.text('type')}'")
    triggers = [binding for binding in bindings if binding.type in TRIGGERS]
    if len(triggers) != 1:
        raise HostError(f"function {name}: has {len(triggers)} triggers, must have one")
    return Function(
        name=name,
        id=function_id,
        trigger=triggers[0],
        inputs=tuple(b for b in bindings if not b.is_output and b.type not in TRIGGERS),
        outputs=tuple(b for b in bindings if b.is_output),
    )


def _binding(data: dict[str, Json]) -> Binding:
    return Binding(
        type=str(data["type"]).lower(),
        name=str(data["name"]),
        is_output=str(data["direction"]).upper() == "OUT",
        data=data,
    )
