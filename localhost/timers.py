"""Timer triggers, in UTC. Past occurrences are not made up for: this host keeps no schedule monitor."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from localhost.errors import HostError
from localhost.functions import Function
from localhost.invoker import Invoker
from localhost.ncrontab import ScheduleError, parse_schedule
from localhost.settings import resolve
from localhost.worker import Datum

# the wall clock may jump, a laptop may sleep: look at it again at least this often
LONGEST_SLEEP = 30.0


class TimerListener:
    """Fires one function on its schedule until `stop`; never twice at once."""

    def __init__(self, function: Function, invoker: Invoker, environ: Mapping[str, str]) -> None:
        where = f"function {function.name}"
        expression = resolve(function.trigger.text("schedule"), environ, where)
        try:
            self._schedule = parse_schedule(expression)
        except ScheduleError as error:
            raise HostError(f"{where}: {error}") from error
        self._function = function
        self._invoker = invoker
        self._stopping = asyncio.Event()

    async def listen(self) -> None:
        """Wait for each occurrence and run the function."""
        if self._function.trigger.data.get("runOnStartup") is True:
            await self._fire()
        while not self._stopping.is_set():
            due = self._schedule.after(datetime.now(UTC))
            await self._sleep_until(due)
            if due and not self._stopping.is_set():
                await self._fire()

    def stop(self) -> None:
        """Fire no more; what runs goes on."""
        self._stopping.set()

    async def _sleep_until(self, due: datetime | None) -> None:
        while not self._stopping.is_set():
            left = (due - datetime.now(UTC)).total_seconds() if due else LONGEST_SLEEP
            if left <= 0:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), min(left, LONGEST_SLEEP))

    async def _fire(self) -> None:
        info = {"IsPastDue": False, "Schedule": {"AdjustForDST": True}, "ScheduleStatus": None}
        await self._invoker.run(self._function, Datum(json.dumps(info), "json"))
