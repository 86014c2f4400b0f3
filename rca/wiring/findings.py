"""What finds causes: filters, evidence, models, rules and memory, each built on first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from rca.wiring.stores import Stores

if TYPE_CHECKING:
    from rca.analysis.chain import Chain
    from rca.domain.ticket import Ticket
    from rca.workflow.filtering import Filter
    from rca.workflow.investigate import Opinion
    from rca.workflow.rows import Rows


class Findings(Stores):
    """How causes are found."""

    @cached_property
    def chain(self) -> Chain:
        """The models and, after them, the rules."""
        from rca.analysis.build import build_chain
        from rca.analysis.rules import analyse
        from rca.analysis.settings import AnalysisSettings
        from rca.settings import read

        return build_chain(read(AnalysisSettings), analyse)

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
    def filters(self) -> Filter:
        """Names the rule that ignores a failure; raises FiltersError where the file can't be used."""
        from rca.workflow.filtering import load

        return load(self.settings.filters_file)
