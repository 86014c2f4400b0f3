"""The settings, the clock, and the adapters of storage, each built on first use."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rca.settings import Settings
    from rca.storage.activity import Activity
    from rca.storage.analyses import Analyses
    from rca.storage.blobs import Blobs
    from rca.storage.board import Board
    from rca.storage.connection import Storage
    from rca.storage.counters import Counters
    from rca.storage.dead_letters import DeadLetters
    from rca.storage.intake import Intake as Fates
    from rca.storage.links import Links
    from rca.storage.queues import Queues
    from rca.storage.runs import Runs
    from rca.storage.tickets import Tickets
    from rca.workflow.consult import Analyst


def _now() -> datetime:
    return datetime.now(UTC)


class Stores:
    """Where things are kept. Pass `settings`, `clock` or `storage` to replace what the environment gives."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], datetime] = _now,
        storage: Storage | None = None,
        analyst: Analyst | None = None,
    ) -> None:
        self._given_settings = settings
        self._given_storage = storage
        self._given_analyst = analyst
        self.clock = clock

    @cached_property
    def settings(self) -> Settings:
        """The settings; raises NotConfiguredError where one is bad."""
        from rca.settings import load

        settings = self._given_settings or load()
        logging.getLogger("rca").setLevel(settings.log_level)
        return settings

    @cached_property
    def storage(self) -> Storage:
        """The clients of the storage account."""
        from rca.storage.connection import Storage

        return self._given_storage or Storage(self.settings)

    @cached_property
    def queues(self) -> Queues:
        """The queues between the stages."""
        from rca.storage.queues import Queues

        return Queues(self.storage)

    @cached_property
    def payloads(self) -> Blobs:
        """The container of payloads."""
        from rca.storage.blobs import PAYLOADS, Blobs

        return Blobs(self.storage, PAYLOADS)

    @cached_property
    def letters(self) -> DeadLetters:
        """The dead letters."""
        from rca.storage.dead_letters import DeadLetters

        return DeadLetters(self.storage, self.payloads)

    @cached_property
    def fates(self) -> Fates:
        """What became of each alert."""
        from rca.storage.intake import Intake as Fates

        return Fates(self.storage)

    @cached_property
    def tickets(self) -> Tickets:
        """The tickets, which are the truth."""
        from rca.storage.tickets import Tickets

        return Tickets(self.storage)

    @cached_property
    def runs(self) -> Runs:
        """Claims and occurrences."""
        from rca.storage.runs import Runs

        return Runs(self.storage)

    @cached_property
    def board(self) -> Board:
        """The cards."""
        from rca.storage.board import Board

        return Board(self.storage)

    @cached_property
    def activity(self) -> Activity:
        """The audit feed."""
        from rca.storage.activity import Activity

        return Activity(self.storage)

    @cached_property
    def counters(self) -> Counters:
        """The totals."""
        from rca.storage.counters import Counters

        return Counters(self.storage)

    @cached_property
    def links(self) -> Links:
        """Outside names of tickets."""
        from rca.storage.links import Links

        return Links(self.storage)

    @cached_property
    def analyses(self) -> Analyses:
        """What is remembered of signatures."""
        from rca.storage.analyses import Analyses

        return Analyses(self.storage)
