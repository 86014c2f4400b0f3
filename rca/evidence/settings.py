"""Which platforms may be asked for evidence, where they are and as whom; docs/evidence.md lists it for operators.

Every platform is optional: without its address there is no adapter. Addresses are https, or http on this machine.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, FilePath, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from rca.evidence.addresses import origin
from rca.evidence.errors import RefusedError
from rca.settings import FROM_ENVIRONMENT

_FACTORY = re.compile(
    r"/?(?:subscriptions/)?(?P<subscription>[0-9a-fA-F-]{36})/(?:resourceGroups/)?(?P<group>[\w.()-]{1,90})"
    r"/(?:providers/Microsoft\.DataFactory/factories/)?(?P<factory>[A-Za-z0-9-]{3,63})",
    re.IGNORECASE,
)
_SCOPE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:/[\w.()-]+)+", re.IGNORECASE)


def _with_scheme(value: object) -> object:
    """Take a bare host name for an https address, as Databricks shows it."""
    return f"https://{value.strip()}" if isinstance(value, str) and "://" not in value else value


def _address(value: str) -> str:
    if "?" in value or "#" in value:
        raise ValueError("must be an address without a query")
    try:
        origin(value)
    except RefusedError as error:
        raise ValueError(f"must be an https:// address, or http:// on this machine: {error}") from None
    return value.rstrip("/")


def _listed(value: object) -> object:
    """Split a comma-separated list."""
    if isinstance(value, str):
        return tuple(part for part in (part.strip() for part in value.split(",")) if part)
    return value


def _factory(value: str) -> str:
    found = _FACTORY.fullmatch(value)
    if found is None:
        raise ValueError("must be resource ids of data factories, or subscription/group/factory")
    return (
        f"/subscriptions/{found['subscription']}/resourceGroups/{found['group']}"
        f"/providers/Microsoft.DataFactory/factories/{found['factory']}"
    )


def _scope(value: str) -> str:
    if not _SCOPE.fullmatch(value):
        raise ValueError("must be workspace ids (GUIDs), or resource ids")
    return value.lower()


type Address = Annotated[str, AfterValidator(_address)]
type HostAddress = Annotated[str, BeforeValidator(_with_scheme), AfterValidator(_address)]
type Factories = Annotated[
    tuple[Annotated[str, AfterValidator(_factory)], ...], NoDecode, BeforeValidator(_listed)
]
type Scopes = Annotated[
    tuple[Annotated[str, AfterValidator(_scope)], ...], NoDecode, BeforeValidator(_listed)
]


class EvidenceSettings(BaseSettings):
    """What an operator may set of the evidence adapters; tests may pass fields by their attribute names."""

    model_config = FROM_ENVIRONMENT

    budget_seconds: float = Field(
        default=20,
        gt=0,
        le=120,
        validation_alias="EVIDENCE_BUDGET_SECONDS",
        description="Time in which all adapters together must answer, in seconds; what is late is left out.",
    )
    queries_file: FilePath | None = Field(
        default=None,
        validation_alias="EVIDENCE_QUERIES_FILE",
        description="YAML file with the Prometheus and Loki queries; unset means the built-in one.",
    )
    azure_client_id: str | None = Field(
        default=None,
        validation_alias=AliasChoices("AZURE_CLIENT_ID", "DataStorage__clientId"),
        description="Client id of the user-assigned managed identity that asks Azure and Databricks.",
    )

    databricks_host: HostAddress | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABRICKS_HOST", "DATABRICKS_WORKSPACE_URL"),
        description="Workspace address, for example `https://adb-1234567890123456.12.azuredatabricks.net`.",
    )
    databricks_token: SecretStr | None = Field(
        default=None,
        validation_alias="DATABRICKS_TOKEN",
        description="Access token of a service principal; unset means the managed identity.",
    )

    adf_resource_ids: Factories = Field(
        default=(),
        validation_alias="ADF_RESOURCE_IDS",
        description="Data factories that may be asked: comma-separated resource ids, or "
        "`subscription/group/factory`.",
    )
    azure_management_url: Address = Field(
        default="https://management.azure.com",
        validation_alias="AZURE_MANAGEMENT_URL",
        description="Azure Resource Manager; another one for sovereign clouds.",
    )

    log_analytics_workspaces: Scopes = Field(
        default=(),
        validation_alias=AliasChoices("LOG_ANALYTICS_WORKSPACE_IDS", "LOG_ANALYTICS_WORKSPACE_ID"),
        description="Workspaces whose rows may be read for alerts that carry only a link: comma-separated "
        "workspace ids (GUIDs) or resource ids.",
    )
    log_analytics_url: Address = Field(
        default="https://api.loganalytics.io",
        validation_alias="LOG_ANALYTICS_URL",
        description="Query API of Azure Monitor logs; another one for sovereign clouds.",
    )

    airflow_url: Address | None = Field(
        default=None,
        validation_alias=AliasChoices("AIRFLOW_URL", "AIRFLOW_BASE_URL"),
        description="Address of Airflow's web server, without `/api/v1`.",
    )
    airflow_instance: str | None = Field(
        default=None,
        validation_alias="AIRFLOW_INSTANCE",
        description="Name that this Airflow's callbacks send as `instance`, or host of their `log_url`, where it "
        "is not the host of AIRFLOW_URL.",
    )
    airflow_api: Literal["auto", "v1", "v2"] = Field(
        default="auto",
        validation_alias="AIRFLOW_API_VERSION",
        description="REST API: `v1` (Airflow 2), `v2` (Airflow 3), or `auto`: as the callback says, else v2, then v1.",
    )
    airflow_username: str | None = Field(
        default=None, validation_alias="AIRFLOW_USERNAME", description="User who may read task logs."
    )
    airflow_password: SecretStr | None = Field(
        default=None, validation_alias="AIRFLOW_PASSWORD", description="The user's password."
    )
    airflow_token: SecretStr | None = Field(
        default=None,
        validation_alias="AIRFLOW_TOKEN",
        description="Bearer token, instead of user and password.",
    )

    prometheus_url: Address | None = Field(
        default=None,
        validation_alias="PROMETHEUS_URL",
        description="Prometheus, Thanos, Mimir or Azure Monitor workspace query address, without `/api/v1`.",
    )
    prometheus_username: str | None = Field(
        default=None, validation_alias="PROMETHEUS_USERNAME", description="User for basic authentication."
    )
    prometheus_password: SecretStr | None = Field(
        default=None, validation_alias="PROMETHEUS_PASSWORD", description="The user's password."
    )
    prometheus_token: SecretStr | None = Field(
        default=None, validation_alias="PROMETHEUS_TOKEN", description="Bearer token."
    )

    loki_url: Address | None = Field(
        default=None, validation_alias="LOKI_URL", description="Loki's address, without `/loki/api/v1`."
    )
    loki_username: str | None = Field(
        default=None, validation_alias="LOKI_USERNAME", description="User for basic authentication."
    )
    loki_password: SecretStr | None = Field(
        default=None, validation_alias="LOKI_PASSWORD", description="The user's password."
    )
    loki_token: SecretStr | None = Field(
        default=None, validation_alias="LOKI_TOKEN", description="Bearer token."
    )
    loki_tenant: str | None = Field(
        default=None,
        validation_alias="LOKI_TENANT",
        pattern=r"^[A-Za-z0-9_.|()!*'-]{1,150}$",
        description="Tenant, sent as `X-Scope-OrgID`.",
    )
