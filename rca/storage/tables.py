"""Makes tables."""

from __future__ import annotations

from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableClient

from rca.storage.faults import translated


def create(client: TableClient) -> None:
    """Make the table unless it is there. Raises UnavailableError."""
    with translated():
        try:
            client.create_table()
        except ResourceExistsError:
            return
