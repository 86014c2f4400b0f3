"""Names of failures: the same failure gets the same name whichever route, shape or delivery reports it.

An alert rule's name is never part of it: one rule reports many failures.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from rca.domain.vocabulary import Source
from rca.sources import times

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONGEST = 400


def run_id(source: Source, sent: str) -> str:
    """Spell a run id the same whoever sends it: GUIDs and Data Factory's ids have no case."""
    return sent.lower() if source is Source.ADF or _GUID.fullmatch(sent) else sent


def run(source: Source, sent: str) -> str:
    """Name a run by its platform's id; a cluster's run id is made by `cluster` and stands for itself."""
    named = _bounded(run_id(source, sent))
    return named if source is Source.DATABRICKS_CLUSTER else f"run:{named}"


def alert(alert_id: str, fired_at: datetime) -> str:
    """Name an alert that names no run; Azure resource ids compare without case."""
    return f"alert:{_bounded(alert_id.lower())}@{times.stamp(fired_at)}"


def cluster(cluster_id: str, code: str, ended_at: datetime | None) -> str:
    """Name one end of a cluster: `{ClusterId}_{TerminationCode}_{YYYYMMDDHHMMSS}`."""
    parts = (cluster_id.replace("%", "%25").replace("_", "%5F"), code)
    return "_".join((*map(_bounded, parts), times.compact(ended_at) if ended_at else "undated"))


def condition(fingerprint: str, started_at: datetime) -> str:
    """Name one episode of a Prometheus alert; the fingerprint alone is the same in every episode."""
    return f"{_bounded(fingerprint)}@{times.stamp(started_at)}"


def path(*parts: str) -> str:
    """Join parts by `/` so that different parts never give the same name."""
    return "/".join(_bounded(part.replace("%", "%25").replace("/", "%2F")) for part in parts)


def _bounded(part: str) -> str:
    # `%%` can't come out of the escaping above, so a digest is never taken for a part spelled like it.
    if len(part) <= _LONGEST:
        return part
    return "%%sha256:" + hashlib.sha256(part.encode("utf-8", "backslashreplace")).hexdigest()
