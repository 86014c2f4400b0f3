"""The one place that builds adapters and hands them to the use cases; everything is built on first use."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rca.analysis.chain import Chain
    from rca.domain.ticket import Book, Ticket
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
    from rca.workflow.accounts import AccountService
    from rca.workflow.analyse import Analyse
    from rca.workflow.consult import Analyst
    from rca.workflow.deadline import Deadline
    from rca.workflow.delivery import Deliverer
    from rca.workflow.emit import Emit
    from rca.workflow.extract import Extract, Owners
    from rca.workflow.filtering import Filter
    from rca.workflow.inquiry import Inquiries
    from rca.workflow.intake import Intake
    from rca.workflow.investigate import Opinion
    from rca.workflow.overview import Overview
    from rca.workflow.project import Project
    from rca.workflow.rebuild import Rebuild, Recount
    from rca.workflow.respond import Respond
    from rca.workflow.rows import Rows
    from rca.workflow.sweep import Sweep

TABLES = (
    "runs",
    "tickets",
    "board",
    "activity",
    "counters",
    "links",
    "analyses",
    "intake",
    "deadletters",
    "accounts",
)


def _now() -> datetime:
    return datetime.now(UTC)


class App:
    """The application's object graph. Pass `settings`, `clock` or `storage` to replace what the environment gives."""

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
    def book(self) -> Book:
        """Changes tickets and writes their trail."""
        from rca.domain.sla import SlaPolicy
        from rca.domain.ticket import Book

        return Book(self.settings.keys("audit_secret")[0], SlaPolicy(self.settings.sla_seconds))

    @cached_property
    def emit(self) -> Emit:
        """Sends the messages between the stages."""
        from rca.workflow.emit import Emit

        return Emit(self.queues, self.settings.change_delay_seconds)

    @cached_property
    def deliverer(self) -> Deliverer:
        """The wrapper round every queue handler."""
        from rca.workflow.delivery import Deliverer, Patience

        settings = self.settings
        patience = Patience(
            settings.retry_base_seconds, settings.retry_max_seconds, settings.retry_window_seconds
        )
        return Deliverer(self.queues, self.letters, self.fates, self.clock, patience)

    @cached_property
    def intake(self) -> Intake:
        """Accepts alerts."""
        from rca.workflow.intake import Intake

        return Intake(
            self.queues, self.payloads, self.letters, self.fates, self.clock, self.settings.max_body_bytes
        )

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

    @cached_property
    def extract(self) -> Extract:
        """Handles the queue `alerts`."""
        from rca.workflow.extract import Extract

        return Extract(
            self.runs,
            self.tickets,
            self.fates,
            self.payloads,
            self.book,
            self.owners,
            self.emit,
            self.rows,
            self.filters,
        )

    @cached_property
    def filters(self) -> Filter:
        """Names the rule that ignores a failure; raises FiltersError where the file can't be used."""
        from rca.workflow.filtering import load

        return load(self.settings.filters_file)

    @cached_property
    def rows(self) -> Rows | None:
        """Fetches the rows behind alerts' links, where a Log Analytics workspace may be asked."""
        from rca.evidence import log_analytics
        from rca.evidence.ports import Deadline
        from rca.evidence.registry import tools_of
        from rca.evidence.settings import EvidenceSettings
        from rca.settings import read
        from rca.workflow.rows import Rows

        settings = read(EvidenceSettings)
        logs = log_analytics.build(settings, tools_of(settings))
        if logs is None:
            return None
        return Rows(
            lambda payload: logs.filled(payload, Deadline.after(settings.budget_seconds)), self.payloads
        )

    @cached_property
    def owners(self) -> Owners:
        """Finds a failure's team."""
        from rca.domain.finops import load_rules

        path = self.settings.finops_file or Path(__file__).parent.parent / "config" / "finops.yaml"
        return load_rules(Path(path).read_text(encoding="utf-8")).owner_of

    @cached_property
    def investigate(self) -> Callable[[Ticket], Opinion]:
        """Gathers evidence and finds root causes."""
        from datetime import timedelta

        from rca.analysis.rules import analyse
        from rca.storage.blobs import EVIDENCE, Blobs
        from rca.workflow.consult import Consult, Policy
        from rca.workflow.investigate import Investigate, nothing_gathered

        documents = Blobs(self.storage, EVIDENCE)
        if self._given_analyst is not None:
            policy = Policy(reuse=timedelta())
            alone = Consult(self._given_analyst, analyse, self.analyses, policy, self.clock)
            return Investigate(nothing_gathered, alone, documents)
        from rca.analysis.settings import AnalysisSettings
        from rca.evidence.registry import gatherer
        from rca.evidence.settings import EvidenceSettings
        from rca.settings import read

        settings = read(AnalysisSettings)
        policy = Policy(
            reuse=timedelta(seconds=settings.llm_reuse_seconds if self.chain.asks else 0),
            lease=timedelta(seconds=settings.longest_seconds),
        )
        consult = Consult(self.chain, analyse, self.analyses, policy, self.clock, self.chain.advised)
        return Investigate(gatherer(read(EvidenceSettings)), consult, documents)

    @cached_property
    def chain(self) -> Chain:
        """The models and, after them, the rules."""
        from rca.analysis.build import build_chain
        from rca.analysis.rules import analyse
        from rca.analysis.settings import AnalysisSettings
        from rca.settings import read

        return build_chain(read(AnalysisSettings), analyse)

    @cached_property
    def analyse(self) -> Analyse:
        """Handles the queue `analyses`."""
        from rca.workflow.analyse import Analyse

        return Analyse(self.tickets, self.investigate, self.analyses.sight, self.book, self.emit, self.clock)

    @cached_property
    def respond(self) -> Respond:
        """Applies the commands of people."""
        from rca.workflow.respond import Respond

        return Respond(self.tickets, self.book, self.emit, self.clock)

    @cached_property
    def deadline(self) -> Deadline:
        """Handles the queue `deadlines`."""
        from rca.workflow.deadline import Deadline

        return Deadline(self.tickets, self.book, self.emit, self.clock)

    @cached_property
    def project(self) -> Project:
        """Handles the queue `changes`."""
        from rca.workflow.project import Project

        return Project(
            self.tickets,
            self.runs,
            self.board,
            self.activity,
            self.counters,
            self.links,
            self.analyses,
            self.emit,
        )

    @cached_property
    def sweep(self) -> Sweep:
        """Empties the poison queues."""
        from rca.workflow.messages import BROADCASTS, QUEUES
        from rca.workflow.sweep import Sweep

        # Dashboards that missed a live message reload when they are back.
        return Sweep(self.queues, self.deliverer, QUEUES, {BROADCASTS})

    @cached_property
    def overview(self) -> Overview:
        """Answers the read API."""
        from rca.workflow.overview import Overview

        return Overview(
            self.tickets,
            self.runs,
            self.board,
            self.activity,
            self.counters,
            self.links,
            self.queues,
            self.letters,
        )

    @cached_property
    def accounts(self) -> AccountService:
        """Signs people in."""
        from rca.storage.accounts import Accounts
        from rca.workflow.accounts import AccountService

        return AccountService(Accounts(self.storage), self.settings, self.clock)

    @cached_property
    def recount(self) -> Recount:
        """Compares the read models with the truth."""
        from rca.workflow.rebuild import Recount

        keys = self.settings.keys("audit_secret")
        return Recount(self.tickets, self.runs, self.board, self.activity, self.counters, keys)

    @cached_property
    def rebuild(self) -> Rebuild:
        """Makes the read models anew."""
        from rca.workflow.rebuild import Rebuild

        return Rebuild(self.tickets, self.project, (self.board, self.activity, self.counters, self.links))

    @cached_property
    def inquiries(self) -> Inquiries:
        """Answers who pastes an error."""
        from rca.analysis.rules import analyse
        from rca.domain.evidence import Evidence
        from rca.workflow.inquiry import Inquiries

        analyst = self._given_analyst or self.chain
        return Inquiries(
            lambda failure: analyst(failure, Evidence(), ""), analyse, self.intake.accept, self.clock
        )

    def health(self) -> dict[str, str]:
        """Tell of each thing that intake and processing need whether it is `ok`, or what is wrong."""
        from rca.errors import RcaError
        from rca.workflow.messages import ALERTS

        def state(check: Callable[[], object]) -> str:
            try:
                check()
            except RcaError as error:
                return error.detail
            return "ok"

        return {
            "settings": state(self._read_settings),
            "filters": state(lambda: self.filters),
            "queues": state(lambda: self.queues.depth(ALERTS)),
            "tables": state(lambda: self.fates.find("health")),
        }

    def _read_settings(self) -> None:
        """Read all groups of settings, those too that only a later stage asks for."""
        from rca.analysis.settings import AnalysisSettings
        from rca.channels.settings import ChannelSettings
        from rca.evidence.settings import EvidenceSettings
        from rca.settings import read

        for secret in ("audit_secret", "session_secret"):
            self.settings.keys(secret)
        for group in (EvidenceSettings, AnalysisSettings, ChannelSettings):
            read(group)

    def prepare(self) -> None:
        """Make all tables, queues and containers that are not there yet; running it again is harmless."""
        from rca.storage.blobs import EVIDENCE, PAYLOADS, Blobs
        from rca.storage.tables import create
        from rca.workflow.messages import QUEUES

        for table in TABLES:
            create(self.storage.table(table))
        for queue in QUEUES:
            self.queues.create(queue)
        for container in (PAYLOADS, EVIDENCE):
            Blobs(self.storage, container).create()


_app = App()


def app() -> App:
    """Return the application that the triggers use."""
    return _app


def use(replacement: App) -> App:
    """Put another application in its place, for tests; returns the one before."""
    global _app
    before, _app = _app, replacement
    return before


def prepare() -> None:
    """Make what the application stores into; the local host and the deployment call this before the first alert."""
    app().prepare()
