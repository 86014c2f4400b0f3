"""Entra ID tokens of the app's managed identity."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rca.errors import UnavailableError

if TYPE_CHECKING:
    from azure.identity import DefaultAzureCredential


class EntraTokens:
    """Gets tokens as the managed identity, or as the developer who is signed in on a workstation.

    `client_id` names a user-assigned identity. azure-identity caches tokens until shortly before they expire.
    """

    def __init__(self, client_id: str | None = None) -> None:
        self._client_id = client_id

    def __call__(self, scope: str) -> str:
        """Return an access token; raises UnavailableError where there is none to be had."""
        from azure.core.exceptions import AzureError

        try:
            return self._credential.get_token(scope).token
        except AzureError as error:
            # Its message lists every way that was tried, over many lines.
            raise UnavailableError(f"no Entra token for {scope}: {type(error).__name__}") from error

    @cached_property
    def _credential(self) -> DefaultAzureCredential:
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential(
            managed_identity_client_id=self._client_id, exclude_interactive_browser_credential=True
        )
