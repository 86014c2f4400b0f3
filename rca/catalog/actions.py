"""The remediations that a catalog entry may name, and what they mean on each platform."""

from enum import StrEnum
from typing import Final

from rca.domain.vocabulary import Source


class Action(StrEnum):
    """What may be done about a failure without a person.

    `retry` stands for the retry of whatever failed: a data file that is shared by all sources can't name it.
    """

    NONE = "none"
    RETRY = "retry"
    RETRY_PIPELINE = "retry_pipeline"
    RETRY_JOB = "retry_job"
    RETRY_TASK = "retry_task"
    RESTART_CLUSTER = "restart_cluster"


_BY_SOURCE: Final = {
    Source.ADF: Action.RETRY_PIPELINE,
    Source.DATABRICKS_JOB: Action.RETRY_JOB,
    Source.DATABRICKS_CLUSTER: Action.RESTART_CLUSTER,
    Source.AIRFLOW: Action.RETRY_TASK,
    Source.AZURE_MONITOR: Action.RETRY,
}


def action_on(source: Source) -> Action:
    """Return the retry that a source knows; `none` for sources whose failures are conditions, not runs.

    Behind Azure Monitor may be anything: a retry is called for, and nothing here knows how to make it.
    """
    return _BY_SOURCE.get(source, Action.NONE)
