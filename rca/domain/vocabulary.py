"""The closed word lists used alike in code, API, catalog and dashboard."""

from enum import StrEnum


class Source(StrEnum):
    """The platform that failed."""

    ADF = "adf"
    DATABRICKS_JOB = "databricks_job"
    DATABRICKS_CLUSTER = "databricks_cluster"
    AIRFLOW = "airflow"
    PROMETHEUS = "prometheus"
    AZURE_MONITOR = "azure_monitor"


class Severity(StrEnum):
    """Effect of a failure, worst first."""

    CRITICAL = "Critical"
    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"

    @property
    def rank(self) -> int:
        """0 for the worst; lower is more severe."""
        return list(Severity).index(self)


class Priority(StrEnum):
    """Order of work; follows from the severity."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Status(StrEnum):
    """Where a ticket stands; acknowledged means closed."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    ACKNOWLEDGED = "acknowledged"


class Resolution(StrEnum):
    """Who or what closed a ticket."""

    USER = "user"
    REMEDIATION = "remediation"
    SOURCE = "source"


class SlaStatus(StrEnum):
    """Whether the ticket was closed within its time."""

    PENDING = "Pending"
    MET = "Met"
    BREACHED = "Breached"


class Confidence(StrEnum):
    """How well the evidence carries the analysis, best first."""

    VERY_HIGH = "Very High"
    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


class Category(StrEnum):
    """What an engineer must change to mend the failure."""

    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    NETWORK = "network"
    TIMEOUT = "timeout"
    RESOURCE_MISSING = "resource_missing"
    SCHEMA = "schema"
    DATA_QUALITY = "data_quality"
    CAPACITY = "capacity"
    QUOTA = "quota"
    CONFIGURATION = "configuration"
    CODE = "code"
    DEPENDENCY = "dependency"
    PLATFORM = "platform"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
