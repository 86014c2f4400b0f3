"""How to reach Jira, ServiceNow and Slack; docs/settings.md lists it for operators.

The names are checked from now on; the channels that use them come with a later version.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings

from rca.settings import FROM_ENVIRONMENT

_HOST = re.compile(r"localhost|[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9-]+", re.IGNORECASE)
_HERE = ("localhost", "127.0.0.1")


def _site(domain: str) -> BeforeValidator:
    """Complete what people write for an address: `acme` is `https://acme.<domain>`, a bare host gets https."""

    def completed(value: Any) -> Any:
        if not isinstance(value, str) or "://" in value:
            return value
        site = value.strip().rstrip("/")
        return f"https://{site}.{domain}" if _LABEL.fullmatch(site) else f"https://{site}"

    return BeforeValidator(completed)


def _address(value: str) -> str:
    """Allow https, and http on this machine: tokens go there. A path is kept, as a server may live below one."""
    wrong = ValueError("must be an https:// address without user and query, or the name of the site")
    try:
        parts = urlsplit(value.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
    if not (safe and _HOST.fullmatch(host)) or parts.username or parts.query or parts.fragment:
        raise wrong
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


type JiraSite = Annotated[str, _site("atlassian.net"), AfterValidator(_address)]
type ServiceNowSite = Annotated[str, _site("service-now.com"), AfterValidator(_address)]


class ChannelSettings(BaseSettings):
    """What an operator may set about the systems that tickets go to."""

    model_config = FROM_ENVIRONMENT

    itsm_tool: Annotated[Literal["jira", "servicenow", "none"], BeforeValidator(_lower)] | None = Field(
        default=None,
        validation_alias="ITSM_TOOL",
        description="Where tickets are mirrored: `jira`, `servicenow` or `none`.",
    )

    jira_url: JiraSite | None = Field(
        default=None,
        validation_alias=AliasChoices("JIRA_URL", "JIRA_DOMAIN"),
        description="Address of the Jira site, or its name: `acme` is `https://acme.atlassian.net`.",
    )
    jira_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = Field(
        default=None,
        validation_alias=AliasChoices("JIRA_EMAIL", "JIRA_USER_EMAIL"),
        description="Account that the token belongs to.",
    )
    jira_api_token: SecretStr | None = Field(
        default=None, validation_alias="JIRA_API_TOKEN", description="API token of that account."
    )
    jira_project_key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,254}$")] | None = Field(
        default=None,
        validation_alias="JIRA_PROJECT_KEY",
        description="Key of the project that gets the issues.",
    )
    jira_webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias="JIRA_WEBHOOK_SECRET",
        description="Proves that a webhook comes from Jira.",
    )

    servicenow_url: ServiceNowSite | None = Field(
        default=None,
        validation_alias=AliasChoices("SERVICENOW_URL", "SERVICENOW_INSTANCE"),
        description="Address of the instance, or its name: `acme` is `https://acme.service-now.com`.",
    )
    servicenow_username: str | None = Field(
        default=None, validation_alias="SERVICENOW_USERNAME", description="User for basic authentication."
    )
    servicenow_password: SecretStr | None = Field(
        default=None, validation_alias="SERVICENOW_PASSWORD", description="The user's password."
    )

    slack_bot_token: SecretStr | None = Field(
        default=None,
        validation_alias="SLACK_BOT_TOKEN",
        description="Bot token with `chat:write`.",
    )
    slack_channel: Annotated[str, Field(pattern=r"^#?[^\s#,]{1,80}$")] | None = Field(
        default=None,
        validation_alias=AliasChoices("SLACK_CHANNEL", "SLACK_ALERT_CHANNEL"),
        description="Id or name of the channel that failures are posted to.",
    )
