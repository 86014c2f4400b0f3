"""Clients of the three storage services over one shared HTTP transport."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient, TableServiceClient
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from rca.settings import Service, Settings

_CONNECTIONS = 64
# Our own wrappers retry with patience, and a sender of alerts waits for its answer, so the SDK only bridges a hiccup.
# The tables SDK reads `retry_backoff_factor`, the others read the three after it; theirs would wait 15 s and more.
_OPTIONS: dict[str, Any] = {
    "retry_total": 1,
    "retry_backoff_factor": 0.2,
    "initial_backoff": 0.2,
    "increment_base": 0,
    "random_jitter_range": 0.1,
    # Storing and logging every request and answer costs more than the request itself.
    "logging_enable": False,
}
_TIMEOUTS = {"connection_timeout": 2, "read_timeout": 15}
"""Seconds; the SDKs leave them to the transport where one is given, whose own default is 300."""

type TransportFactory = Callable[[], RequestsTransport]


def pooled_transport() -> RequestsTransport:
    """Make a transport whose connection pool serves all worker threads without opening new connections."""
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=_CONNECTIONS)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # `trust_env` makes requests look for proxies and .netrc on every call.
    session.trust_env = False
    return RequestsTransport(session=session, session_owner=False, **_TIMEOUTS)


class Storage:
    """Hands out clients by our short names (`tickets`, `alerts`, `payloads`); the settings add the prefix.

    By connection string where the setting DataStorage is set, else by managed identity.
    Raises NotConfiguredError where neither is.
    """

    def __init__(self, settings: Settings, transport: TransportFactory = pooled_transport) -> None:
        self._settings = settings
        self._transport = transport()

    def table(self, name: str) -> TableClient:
        """Return the client of one table."""
        return self._tables.get_table_client(self._settings.table(name))

    def queue(self, name: str) -> QueueClient:
        """Return the client of one queue; bodies are base64, as the Functions host reads them."""
        full = self._settings.queue(name)
        if self._settings.data_storage is None:
            return QueueClient(
                self._settings.storage_uri("queue"),
                full,
                credential=self._credential,
                message_encode_policy=TextBase64EncodePolicy(),
                **self._options,
            )
        return QueueClient.from_connection_string(
            self._settings.data_storage.get_secret_value(),
            full,
            message_encode_policy=TextBase64EncodePolicy(),
            **self._options,
        )

    def container(self, name: str) -> ContainerClient:
        """Return the client of one blob container."""
        return self._blobs.get_container_client(self._settings.container(name))

    @cached_property
    def _tables(self) -> TableServiceClient:
        if self._settings.data_storage is not None:
            return TableServiceClient.from_connection_string(
                self._settings.data_storage.get_secret_value(), **self._options
            )
        return TableServiceClient(self._uri("table"), credential=self._credential, **self._options)

    @cached_property
    def _blobs(self) -> BlobServiceClient:
        if self._settings.data_storage is not None:
            return BlobServiceClient.from_connection_string(
                self._settings.data_storage.get_secret_value(), **self._options
            )
        return BlobServiceClient(self._uri("blob"), credential=self._credential, **self._options)

    @property
    def _options(self) -> dict[str, Any]:
        return {**_OPTIONS, "transport": self._transport}

    def _uri(self, service: Service) -> str:
        return self._settings.storage_uri(service)

    @cached_property
    def _credential(self) -> Any:
        # Only deployments with a managed identity pay for the import.
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=self._settings.data_storage_client_id)
