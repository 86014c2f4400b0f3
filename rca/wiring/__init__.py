"""The one place that builds adapters and hands them to the use cases; everything is built on first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rca.wiring.findings import Findings

if TYPE_CHECKING:
    from rca.domain.ticket import Book
    from rca.workflow.accounts import AccountService
    from rca.workflow.analyse import Analyse
    from rca.workflow.deadline import Deadline
    from rca.workflow.delivery import Deliverer
    from rca.workflow.emit import Emit
    from rca.workflow.extract import Extract, Owners
    from rca.workflow.inquiry import Inquiries
    from rca.workflow.intake import Intake
    from rca.workflow.overview import Overview
    from rca.workflow.project import Project
    from rca.workflow.rebuild import Rebuild, Recount
    from rca.workflow.respond import Respond
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


class App(Findings):
    """The application's object graph: use cases, over what finds causes, over the stores."""

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
    def owners(self) -> Owners:
        """Finds a failure's team."""
        from rca.domain.finops import load_rules

        path = self.settings.finops_file or Path(__file__).parents[2] / "config" / "finops.yaml"
        return load_rules(Path(path).read_text(encoding="utf-8")).owner_of

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
            lambda failure: analyst(failure, Evidence(), "", analyse(failure)),
            analyse,
            self.intake.accept,
            self.clock,
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
