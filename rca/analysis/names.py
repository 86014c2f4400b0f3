"""The names under which a source may be asked for."""

from __future__ import annotations

from typing import Final

from rca.domain.vocabulary import Source

SOURCES: Final = ", ".join(Source)

_ALIASES: Final = {
    "data_factory": Source.ADF,
    "azure_data_factory": Source.ADF,
    "datafactory": Source.ADF,
    "synapse": Source.ADF,
    "databricks": Source.DATABRICKS_JOB,
    "databricks_jobs": Source.DATABRICKS_JOB,
    "databricks_run": Source.DATABRICKS_JOB,
    "databricks_clusters": Source.DATABRICKS_CLUSTER,
    "airflow_task": Source.AIRFLOW,
    "alertmanager": Source.PROMETHEUS,
    "kubernetes": Source.PROMETHEUS,
    "k8s": Source.PROMETHEUS,
    "azure": Source.AZURE_MONITOR,
    "monitor": Source.AZURE_MONITOR,
}


def source_named(name: str) -> Source | None:
    """Return the source of a name, whatever its case; None where there is none."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    return _ALIASES.get(key) or next((source for source in Source if source == key), None)
