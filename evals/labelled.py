"""Reads the labelled texts: JSON Lines under `texts/`, what failures sound like and what must be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.errors import TextError
from rca.domain.vocabulary import Category, Source

TEXTS: Final = Path(__file__).parent / "texts"


class Labelled(BaseModel):
    """One message as a source reports it, and the category that an engineer gave it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    source: Source
    category: Category
    message: Annotated[str, Field(min_length=2, max_length=6_000)]


def load_texts(root: Path = TEXTS, name: str = "*.jsonl") -> tuple[Labelled, ...]:
    """Load and check all texts, or those of the files so named, by file and line. Raises TextError."""
    return tuple(text for path in sorted(root.glob(name)) for text in _file(path))


def _file(path: Path) -> list[Labelled]:
    lines = path.read_text("utf-8").split("\n")
    return [_line(line, path.name, number) for number, line in enumerate(lines, start=1) if line.strip()]


def _line(line: str, file: str, number: int) -> Labelled:
    try:
        return Labelled.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"])) or "(the whole line)"
        raise TextError(file, number, field, first["msg"]) from None
