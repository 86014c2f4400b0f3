"""Payloads and other long text, kept as JSON blobs."""

from __future__ import annotations

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import ContentSettings

from rca.storage.connection import Storage
from rca.storage.faults import translated

PAYLOADS = "payloads"
EVIDENCE = "evidence"


class Blobs:
    """One container of JSON documents."""

    def __init__(self, storage: Storage, container: str) -> None:
        self._client = storage.container(container)

    def put(self, name: str, data: bytes) -> None:
        """Write a document; writing the same again changes nothing. Raises UnavailableError."""
        with translated():
            self._client.upload_blob(
                name, data, overwrite=True, content_settings=ContentSettings(content_type="application/json")
            )

    def get(self, name: str) -> bytes | None:
        """Read a document; None where there is none. Raises UnavailableError."""
        with translated():
            try:
                return self._client.download_blob(name).readall()
            except ResourceNotFoundError:
                return None

    def url(self, name: str) -> str:
        """Return the address of a document; reading it needs rights on the account."""
        return self._client.get_blob_client(name).url.partition("?")[0]

    def create(self) -> None:
        """Make the container unless it is there."""
        with translated():
            try:
                self._client.create_container()
            except ResourceExistsError:
                return
