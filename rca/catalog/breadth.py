"""How much a finding says, which decides what wins when several fit."""

from enum import StrEnum


class Breadth(StrEnum):
    """`narrow` names the cause, `broad` a family of causes, `hint` is a mere word that points to one.

    `wrapper` names only the component that passed an error on. A narrow finding wins over any broad one, both over
    hints, and all over a wrapper.
    """

    NARROW = "narrow"
    BROAD = "broad"
    HINT = "hint"
    WRAPPER = "wrapper"
