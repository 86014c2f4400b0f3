"""JSON files that people edit: an error names the file, line and column."""

import json
from pathlib import Path

from localhost.errors import UsageError

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


def read_object(path: Path) -> dict[str, Json]:
    """Read the JSON object in `path`; raises UsageError if it can't be read or is something else."""
    try:
        document: Json = json.loads(path.read_text("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read: {error}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: must hold a JSON object")
    return document
