"""How much a finding says, which decides what wins when several fit."""

from enum import StrEnum


class Breadth(StrEnum):
    """`narrow` names the cause, `broad` a family of causes, `wrapper` only the component that passed an error on.

    A narrow finding wins over any broad one, and both over a wrapper.
    """

    NARROW = "narrow"
    BROAD = "broad"
    WRAPPER = "wrapper"
