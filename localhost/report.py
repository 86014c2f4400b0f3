"""What the demo shows: the table of tickets, and where to look next."""

from collections.abc import Iterable
from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from localhost.replay import Result, Ticket

_STYLES = {"Critical": "bold red", "High": "red", "Medium": "yellow", "Low": "green"}
_COLUMNS = ("Ticket", "Source", "Resource", "Error type", "Severity", "Prio", "SLA", "Team", "Seen")
_LONG = {"Source", "Resource", "Error type", "Team"}


def ticket_table(tickets: Iterable[Ticket]) -> Table:
    """Return a table of tickets, worst first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(
            column,
            justify="right" if column == "Seen" else "left",
            no_wrap=column not in _LONG,
            overflow="fold",
        )
    for ticket in sorted(tickets, key=lambda each: (each["priority"], each["source"], each["id"])):
        severity = ticket["severity"]
        cells = (
            ticket["id"],
            ticket["source"],
            ticket["pipeline"],
            ticket["error_type"],
            severity,
            ticket["priority"],
            _sla(ticket),
            ticket["finops_team"],
            ticket["occurrences"],
        )
        table.add_row(*(escape(str(cell)) for cell in cells), style=_STYLES.get(severity))
    return table


def summary(result: Result, seconds: float) -> str:
    """Return one line of counts."""
    closed = sum(ticket["status"] == "acknowledged" for ticket in result.tickets.values())
    ignored = sum((delivery.fate or {}).get("status") == "ignored" for delivery in result.deliveries)
    return (
        f"{len(result.deliveries)} alerts in {seconds:.1f} s. Tickets: {len(result.tickets)}, closed by their source: "
        f"{closed}. Benign: {ignored}. Dead letters: {result.dead_letters}."
    )


def guide(url: str, log: Path, ticket_id: str | None) -> str:
    """Return what to try next, as text with commands to copy."""
    return f"""
Serving on {url} until Ctrl-C. The host's log: {log}

A session token of the first admin (e-mail and password are in local.settings.json):
  TOKEN=$(.venv/bin/python -m localhost.demo --token --port {url.rpartition(":")[2]})
Look around:
  curl -H "X-Session-Token: $TOKEN" {url}/api/summary
  curl -H "X-Session-Token: $TOKEN" {url}/api/open-tickets
  curl -H "X-Session-Token: $TOKEN" {url}/api/tickets/{ticket_id or "<ticket id>"}
  curl -H "X-Session-Token: $TOKEN" {url}/api/audit-trail
  curl -H "X-Session-Token: $TOKEN" {url}/api/deadletters
Send an alert of your own; the answer names the address that tells what became of it:
  curl {url}/api/alerts/custom -H "Content-Type: application/json" \\
    -d '{{"resource": "nightly-load", "run_id": "42", "message": "No space left on device"}}'
"""


def _sla(ticket: Ticket) -> str:
    minutes = ticket["sla_seconds"] // 60
    text = f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"
    return text if ticket["sla_status"] == "Pending" else f"{text} {ticket['sla_status'].lower()}"
