"""One invocation from trigger data to delivered outputs."""

import logging
from collections.abc import Awaitable, Mapping
from typing import Protocol

from localhost.errors import InvocationError
from localhost.functions import Binding, Function
from localhost.worker import Datum, Outcome, Worker, failure_line

log = logging.getLogger("localhost")


class Input(Protocol):
    """Makes the data of one kind of input binding."""

    def __call__(self, binding: Binding, headers: Mapping[str, str]) -> Datum:
        """Make the data for `binding`, given the HTTP trigger's headers; raises InvocationError."""


class Output(Protocol):
    """Delivers what a function gave to one kind of output binding."""

    def __call__(self, binding: Binding, datum: Datum) -> Awaitable[None]:
        """Deliver; raises InvocationError, or the Azure SDK's error, when that fails."""


class Invoker:
    """Fills input bindings, runs the function, delivers its outputs. An output that fails fails the invocation."""

    def __init__(self, worker: Worker, inputs: Mapping[str, Input], outputs: Mapping[str, Output]) -> None:
        self._worker = worker
        self._inputs = inputs
        self._outputs = outputs
        self.running = 0

    async def run(
        self,
        function: Function,
        data: Datum,
        *,
        metadata: Mapping[str, Datum] | None = None,
        headers: Mapping[str, str] | None = None,
        about: str = "",
    ) -> Outcome:
        """Invoke `function` on its trigger's `data`; a failure is logged on one line that ends with `about`."""
        self.running += 1
        try:
            outcome = await self._run(function, data, metadata, headers or {})
        finally:
            self.running -= 1
        if not outcome.ok:
            log.error("function %s failed: %s%s", function.name, outcome.error, about)
            log.debug("%s", outcome.trace)
        return outcome

    async def _run(
        self,
        function: Function,
        data: Datum,
        metadata: Mapping[str, Datum] | None,
        headers: Mapping[str, str],
    ) -> Outcome:
        try:
            inputs = {each.name: self._inputs[each.type](each, headers) for each in function.inputs}
        except InvocationError as error:
            return Outcome(False, error=str(error))
        outcome = await self._worker.invoke(function, {function.trigger.name: data, **inputs}, metadata)
        if not outcome.ok:
            return outcome
        for name, datum in [*outcome.outputs, ("$return", outcome.returned)]:
            binding = function.output(name)
            if binding is None or datum is None or datum.type is None or binding.type == "http":
                continue
            try:
                await self._outputs[binding.type](binding, datum)
            except Exception as error:  # noqa: BLE001 - whatever a binding raises is this invocation's failure
                return Outcome(False, error=failure_line(f"output '{name}': {type(error).__name__}: {error}"))
        return outcome
