"""Every setting of the application, typed and described; docs/settings.md lists them for operators.

The names are those of the environment variables (in Azure: app settings, secrets as Key Vault references).
An empty value counts as unset. Secrets are optional at load: what needs one asks for it by `require` or
`keys`, so that an unset secret closes its own route and nothing else.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from rca.aliases import contradictions, names_of
from rca.domain.vocabulary import Priority
from rca.errors import NotConfiguredError

type Service = Literal["table", "queue", "blob"]

SHORTEST_SECRET = 32
"""Characters; RFC 7518 §3.2 asks for a key as long as the hash, 32 bytes for HS256."""

_SERVICE_URI = re.compile(r"https://[^\s/?#]+(/[^\s?#]*)?|http://(localhost|127\.0\.0\.1)(:\d+)?(/[^\s?#]*)?")


def _split(secret: SecretStr) -> tuple[str, ...]:
    return tuple(part for part in (part.strip() for part in secret.get_secret_value().split(",")) if part)


def _long_enough(secret: SecretStr) -> SecretStr:
    parts = _split(secret)
    if not parts or min(map(len, parts)) < SHORTEST_SECRET:
        raise ValueError(f"each secret of the list needs at least {SHORTEST_SECRET} characters")
    return secret


def _service_uri(value: str) -> str:
    if not _SERVICE_URI.fullmatch(value):
        raise ValueError("must be an https:// address without a query")
    return value.rstrip("/")


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


type SigningSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
type ServiceUri = Annotated[str, AfterValidator(_service_uri)]
type Seconds = Annotated[int, Field(gt=0, le=31 * 86_400)]


FROM_ENVIRONMENT = SettingsConfigDict(
    extra="ignore",
    env_ignore_empty=True,
    frozen=True,
    hide_input_in_errors=True,
    validate_by_name=True,
    validate_by_alias=True,
)
"""How every group of settings is read: an empty value is unset, and no error repeats a value."""


class Settings(BaseSettings):
    """What an operator may set. Build it with `load`; tests may pass fields by their attribute names."""

    model_config = FROM_ENVIRONMENT

    data_storage: SecretStr | None = Field(
        default=None,
        validation_alias="DataStorage",
        description="Connection string of the storage account that holds tickets, queues and payloads. "
        "For development; in Azure use the three addresses below with the managed identity.",
    )
    data_storage_table_uri: ServiceUri | None = Field(
        default=None,
        validation_alias="DataStorage__tableServiceUri",
        description="Table endpoint, for example `https://<account>.table.core.windows.net`.",
    )
    data_storage_queue_uri: ServiceUri | None = Field(
        default=None,
        validation_alias="DataStorage__queueServiceUri",
        description="Queue endpoint; the Functions host reads the same name for its queue triggers.",
    )
    data_storage_blob_uri: ServiceUri | None = Field(
        default=None, validation_alias="DataStorage__blobServiceUri", description="Blob endpoint."
    )
    data_storage_client_id: str | None = Field(
        default=None,
        validation_alias="DataStorage__clientId",
        description="Client id of the user-assigned managed identity; unset means the system-assigned one.",
    )
    storage_prefix: str = Field(
        default="rca",
        validation_alias="STORAGE_PREFIX",
        pattern=r"^[a-z][a-z0-9]{2,19}$",
        description="First part of every table, queue and container name, so that several instances can "
        "share an account: 3 to 20 lower-case letters and digits, a letter first.",
    )

    audit_secret: SigningSecret | None = Field(
        default=None,
        validation_alias="AUDIT_SECRET",
        description="Chains the audit entries (HMAC). Comma-separated to rotate: the first signs, all "
        f"verify. At least {SHORTEST_SECRET} characters each.",
    )
    session_secret: SigningSecret | None = Field(
        default=None,
        validation_alias=AliasChoices("SESSION_SECRET", "JWT_SECRET_KEY"),
        description="Signs session tokens. Comma-separated to rotate: the first signs, all "
        f"verify. At least {SHORTEST_SECRET} characters each.",
    )
    setup_token: Annotated[SecretStr, Field(min_length=16)] | None = Field(
        default=None,
        validation_alias="SETUP_TOKEN",
        description="One-time token that creates the first admin by `POST /api/setup`; at "
        "least 16 characters. Unset closes the route.",
    )
    session_hours: int = Field(
        default=24,
        validation_alias="SESSION_HOURS",
        ge=1,
        le=168,
        description="How long a sign-in lasts, in hours.",
    )

    sla_p1_seconds: Seconds = Field(
        default=900, validation_alias="SLA_P1_SECONDS", description="Time to close a P1 ticket, in seconds."
    )
    sla_p2_seconds: Seconds = Field(
        default=1_800, validation_alias="SLA_P2_SECONDS", description="Time to close a P2 ticket, in seconds."
    )
    sla_p3_seconds: Seconds = Field(
        default=7_200, validation_alias="SLA_P3_SECONDS", description="Time to close a P3 ticket, in seconds."
    )
    sla_p4_seconds: Seconds = Field(
        default=86_400,
        validation_alias="SLA_P4_SECONDS",
        description="Time to close a P4 ticket, in seconds.",
    )
    finops_file: FilePath | None = Field(
        default=None,
        validation_alias="FINOPS_FILE",
        description="YAML file that maps resource names to team, owner and cost centre; unset means the "
        "built-in one.",
    )
    filters_file: FilePath | None = Field(
        default=None,
        validation_alias="FILTERS_FILE",
        description="YAML file with the rules by which failures are ignored; unset means the built-in one, "
        "which ignores nothing.",
    )

    max_body_bytes: int = Field(
        default=1_048_576,
        validation_alias="MAX_BODY_BYTES",
        ge=1_024,
        le=104_857_600,
        description="Largest request body that intake accepts, in bytes; a larger one is answered with 413.",
    )
    retry_base_seconds: Seconds = Field(
        default=5,
        validation_alias="RETRY_BASE_SECONDS",
        description="First delay after a passing failure of a dependency; it doubles with each further one.",
    )
    retry_max_seconds: Seconds = Field(
        default=3_600,
        validation_alias="RETRY_MAX_SECONDS",
        description="Longest delay between two attempts, in seconds.",
    )
    retry_window_seconds: Annotated[int, Field(gt=0, le=6 * 86_400)] = Field(
        default=86_400,
        validation_alias="RETRY_WINDOW_SECONDS",
        description="How long a message is retried before it becomes a dead letter, in seconds. "
        "Below the queue's message lifetime of 7 days.",
    )
    change_delay_seconds: Annotated[int, Field(ge=0, le=3_600)] = Field(
        default=3,
        validation_alias="CHANGE_DELAY_SECONDS",
        description="Delay of the message that makes the read models follow a ticket even if the process "
        "dies right after the commit, in seconds.",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = Field(
        default="INFO", validation_alias="LOG_LEVEL", description="Least severe log entry that is written."
    )

    @model_validator(mode="after")
    def _storage_is_whole(self) -> Self:
        uris = (self.data_storage_table_uri, self.data_storage_queue_uri, self.data_storage_blob_uri)
        if any(uris) and not all(uris):
            raise ValueError(
                "DataStorage__tableServiceUri, DataStorage__queueServiceUri and DataStorage__blobServiceUri "
                "go together: set all three"
            )
        return self

    def require(self, field: str) -> str:
        """Return an optional setting as text, a secret revealed; `field` is the attribute name.

        Raises NotConfiguredError that names the environment variable where it is unset.
        """
        value = getattr(self, field)
        if value is None:
            raise NotConfiguredError(f"the setting {environment_name(field)} is not set")
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    def keys(self, field: str) -> tuple[bytes, ...]:
        """Split a comma-separated secret: the first key signs, all verify. Raises NotConfiguredError."""
        return tuple(part.encode() for part in _split(SecretStr(self.require(field))))

    def storage_uri(self, service: Service) -> str:
        """Return the address of a storage service, for managed identity. Raises NotConfiguredError."""
        uri: str | None = getattr(self, f"data_storage_{service}_uri")
        if uri is None:
            raise NotConfiguredError(
                f"neither the setting DataStorage nor DataStorage__{service}ServiceUri is set"
            )
        return uri

    @property
    def sla_seconds(self) -> dict[Priority, int]:
        """Time to close a ticket by its priority, in seconds."""
        return {
            Priority.P1: self.sla_p1_seconds,
            Priority.P2: self.sla_p2_seconds,
            Priority.P3: self.sla_p3_seconds,
            Priority.P4: self.sla_p4_seconds,
        }

    def table(self, name: str) -> str:
        """Name, in the account, one of our tables: `rcatickets`."""
        return f"{self.storage_prefix}{name}"

    def queue(self, name: str) -> str:
        """Name, in the account, one of our queues: `rca-alerts`."""
        return f"{self.storage_prefix}-{name}"

    def container(self, name: str) -> str:
        """Name, in the account, one of our blob containers: `rca-payloads`."""
        return f"{self.storage_prefix}-{name}"


def environment_name(field: str) -> str:
    """Name the environment variable behind an attribute of Settings."""
    return names_of(Settings.model_fields[field])[0]


def load() -> Settings:
    """Read the settings from the environment.

    Raises NotConfiguredError that names every setting with a bad value, without repeating the values.
    """
    return read(Settings)


def read[T: BaseSettings](kind: type[T]) -> T:
    """Read one group of settings from the environment; raises NotConfiguredError as `load` does.

    Two names of one setting must say the same: which of them an operator meant, nobody can know.
    """
    faults = contradictions(kind, own=frozenset(map(environment_name, Settings.model_fields)))
    try:
        settings = kind()
    except ValidationError as error:
        faults += [
            f"{fault['loc'][0]}: {fault['msg']}" if fault["loc"] else fault["msg"]
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    else:
        if not faults:
            return settings
    raise NotConfiguredError("bad settings: " + "; ".join(faults))
