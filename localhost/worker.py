"""Microsoft's worker library in this process: indexes `function_app.py` and runs its functions."""

import importlib
import re
import sys
import traceback
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import azure_functions_runtime as runtime
from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.native_invocation import invocation_request_native

from localhost import protos
from localhost.errors import HostError
from localhost.functions import Function, build_function

SCRIPT = "function_app"
FRAME = re.compile(r'File "([^"]+)", line (\d+)')

__all__ = ["Datum", "Outcome", "Worker", "failure_line"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation came to; `error` is one line and empty on success."""

    ok: bool
    returned: Datum | None = None
    outputs: Sequence[tuple[str, Datum]] = ()
    error: str = ""
    trace: str = ""


class Worker:
    """Runs the function app in `app` on the runtime's own thread pool (PYTHON_THREADPOOL_THREAD_COUNT)."""

    def __init__(self, app: Path) -> None:
        self._app = app

    async def load(self) -> list[Function]:
        """Import and index the app; raises HostError with file, line and cause if that fails."""
        if not (self._app / f"{SCRIPT}.py").exists():
            raise HostError(f"{self._app}: has no {SCRIPT}.py")
        sys.path.insert(0, str(self._app))
        self._import()
        runtime.start_threadpool_executor()
        init = SimpleNamespace(capabilities={}, function_app_directory=str(self._app))
        request = SimpleNamespace(
            request=SimpleNamespace(worker_init_request=init),
            properties={"host": "127.0.0.1", "protos": protos},
        )
        response = await runtime.worker_init_request(request)
        if response.result.status != protos.StatusResult.Success:
            failure = response.result.exception
            place = _place(failure.stack_trace, self._app)
            raise HostError(f"{SCRIPT}.py can't be indexed: {failure.message}{place}")
        found = (await runtime.functions_metadata_request(request)).function_metadata_results or []
        return [build_function(each.name, each.function_id, each.raw_bindings) for each in found]

    async def invoke(
        self, function: Function, inputs: Mapping[str, Datum], metadata: Mapping[str, Datum] | None = None
    ) -> Outcome:
        """Run `function` once; never raises for what the function does."""
        ok, returned, outputs, error, trace = await invocation_request_native(
            str(uuid.uuid4()), function.id, list(inputs.items()), metadata or {}
        )
        if ok:
            return Outcome(True, returned, outputs)
        return Outcome(
            False, error=failure_line(error or "failed") + _place(trace or "", self._app), trace=trace
        )

    def _import(self) -> None:
        """Import ahead of the runtime, which would only hand on a message: the exception knows the place."""
        try:
            importlib.import_module(SCRIPT)
        except SyntaxError as error:
            raise HostError(f"{error.filename}:{error.lineno}: SyntaxError: {error.msg}") from error
        except Exception as error:
            place = _place("".join(traceback.format_tb(error.__traceback__)), self._app)
            raise HostError(
                f"{SCRIPT}.py can't be imported: {type(error).__name__}: {error}{place}"
            ) from error


def failure_line(text: str) -> str:
    """`text` on one line, cut where it gets unreadable."""
    line = " ".join(text.split())
    return line if len(line) <= 500 else line[:499] + "…"


def _place(trace: str, app: Path) -> str:
    """` (file:line)` of the innermost frame in the app's own code, or of the innermost at all."""
    frames = FRAME.findall(trace)
    own = [
        frame for frame in frames if Path(frame[0]).is_relative_to(app) and "site-packages" not in frame[0]
    ]
    if not (own or frames):
        return ""
    file, line = (own or frames)[-1]
    path = Path(file)
    return f" ({path.relative_to(app) if path.is_relative_to(app) else path}:{line})"
