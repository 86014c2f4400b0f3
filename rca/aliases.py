"""Settings that may come under several names, so that files written for other tools work."""

from __future__ import annotations

import os
from typing import Annotated, Any

from pydantic import AliasChoices, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings


def names_of(field: FieldInfo) -> tuple[str, ...]:
    """Return all names under which the environment may hold a setting, the one to prefer first."""
    alias = field.validation_alias
    return tuple(map(str, alias.choices)) if isinstance(alias, AliasChoices) else (str(alias),)


def contradictions(kind: type[BaseSettings], own: frozenset[str]) -> list[str]:
    """Tell which names of one setting the environment sets to different values, without repeating these.

    A further name that is among `own` is a setting in its own right, which this one only falls back to.
    """
    environment = {name.lower(): value for name, value in os.environ.items() if value}
    found = []
    for field in kind.model_fields.values():
        first, *others = names_of(field)
        equal = (first, *(name for name in others if name not in own))
        names = [name for name in equal if name.lower() in environment]
        values = [_meaning(field, environment[name.lower()]) for name in names]
        if any(value != values[0] for value in values[1:]):
            found.append(f"{' and '.join(names)} are names of one setting, but differ: keep one of them")
    return found


def _meaning(field: FieldInfo, text: str) -> object:
    """Return what a field makes of a text, so that two spellings of one address are the same."""
    form: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    try:
        return TypeAdapter(form).validate_python(text)
    except ValidationError:
        return text.strip()
