"""What the matcher finds in a message, and what wins where several entries fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry
from rca.domain.vocabulary import Category


class Sign(StrEnum):
    """What an entry was recognised by, from the strongest evidence to the weakest."""

    CODE = "code"
    CODE_IN_TEXT = "code_in_text"
    EXCEPTION = "exception"
    PATTERN = "pattern"
    LIKENESS = "likeness"


_NOTATION: Final = re.compile(r"(?:MSSQL|SQLSTATE|MYSQL|SQLCODE|HTTP|GRPC|EXIT|ERRNO|SNOWFLAKE|TERADATA)-")
"""How the catalog writes numbers (see `dialects`), which no platform does."""
_RANK: Final = {sign: rank for rank, sign in enumerate(reversed(Sign))}
_WEIGHT: Final = {
    (Breadth.HINT, False): 0,
    (Breadth.WRAPPER, False): 1,
    (Breadth.BROAD, False): 2,
    (Breadth.WRAPPER, True): 3,
    (Breadth.HINT, True): 4,
    (Breadth.NARROW, False): 5,
    (Breadth.BROAD, True): 6,
    (Breadth.NARROW, True): 7,
}
"""How far a finding goes, by its breadth and whether the message states it or mentions it by the way."""


SPELT_OUT: Final = 70
"""The score of a phrase so long that no other message holds it by chance."""
STATED_BROAD: Final = _WEIGHT[Breadth.BROAD, True]
"""How far a family of causes goes that the message states."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An entry that fits: by which sign (`name` of the code or exception, if any) and how well.

    `stated` is false for what stands in advice, links and the like only; `root` for an exception that passed another
    one on. `number` marks an error number in the notation of its system, `vague` a few words that another platform
    uses in its own sense, `likelier` is the category that the words prefer to a finding
    which stands nevertheless.
    """

    entry: Entry
    sign: Sign
    name: str = ""
    score: int = 0
    captured: Mapping[str, str] = field(default_factory=dict)
    stated: bool = True
    root: bool = True
    number: bool = False
    vague: bool = False
    likelier: Category | None = None

    @property
    def breadth(self) -> Breadth:
        """How much the finding says: less than its entry could, where the sign is vague."""
        narrow = self.entry.breadth is Breadth.NARROW
        return Breadth.BROAD if narrow and self.vague else self.entry.breadth

    @property
    def named(self) -> bool:
        """Whether a code or an exception was found, not only words."""
        return self.sign not in (Sign.PATTERN, Sign.LIKENESS)

    @property
    def calm(self) -> bool:
        """Whether the entry is for what is no failure."""
        return self.entry.category is Category.CANCELLED

    @property
    def weight(self) -> int:
        """How far the finding goes; greater is better."""
        return _WEIGHT[self.breadth, self.stated]

    @property
    def rank(self) -> tuple[int, int, int]:
        """Greater is better: breadth, kind of sign, then score."""
        # What is only named a family is told best by its most specific words, whoever reported it.
        sign = _RANK[self.sign if self.root else Sign.PATTERN]
        return self.weight, sign if self.breadth is not Breadth.BROAD else 0, self.score

    @property
    def error_type(self) -> str:
        """The entry's error type, or the code or class that was found where the entry stands for several."""
        if self.sign is Sign.LIKENESS and self.name:
            return self.name
        named = self.entry.named_by_sign and self.name[:1].isalpha() and not _NOTATION.match(self.name)
        return self.name if named else self.entry.error_type
