"""Shorten text to what a store or a reader can take, keeping what informs."""

_GAP = "\n… {count} characters left out …\n"


def utf16_length(text: str) -> int:
    """Count UTF-16 code units, the unit in which Azure Tables limit a string (32,768)."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def excerpt(text: str, limit: int) -> str:
    """Return at most `limit` UTF-16 units: the text itself, or its head and a longer tail with the gap told.

    Stack traces name their cause last, so the tail gets two thirds.
    """
    if len(text) <= limit and utf16_length(text) <= limit:
        return text
    budget = limit - len(_GAP) - len(str(len(text)))
    if budget <= 0:
        return text[: limit // 2]
    # A character outside the basic plane takes two units; halving is enough for any text.
    if utf16_length(text[:budget] + text[-budget:]) > 2 * budget:
        budget //= 2
    head, tail = budget // 3, budget - budget // 3
    return text[:head] + _GAP.format(count=len(text) - budget) + text[len(text) - tail :]


def first_line(text: str, limit: int = 200) -> str:
    """Return the first line that says something, at most `limit` characters."""
    line = next((stripped for raw in text.splitlines() if (stripped := raw.strip())), "")
    return line if len(line) <= limit else line[: limit - 1] + "…"
