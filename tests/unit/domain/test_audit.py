from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rca.domain.audit import AuditAction, AuditEntry, seal, verify

KEY, OLD_KEY = b"new" * 12, b"old" * 12
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


def entry(version: int, details: str = "") -> AuditEntry:
    return AuditEntry(
        timestamp=AT,
        ticket_id="ADF-1",
        version=version,
        action=AuditAction.NOTE_ADDED,
        pipeline="p",
        run_id="r",
        details=details,
        user_id="acc-1",
        user_name="Dana",
    )


def chain(*keys: bytes) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for version, key in enumerate(keys, start=1):
        entries.append(seal(entry(version, f"step {version}"), entries[-1].mac if entries else "", key))
    return entries


def test_an_untouched_chain_is_true() -> None:
    assert verify(chain(KEY, KEY, KEY), [KEY]) is None
    assert verify([], [KEY]) is None


def test_a_chain_survives_the_rotation_of_its_key() -> None:
    assert verify(chain(OLD_KEY, OLD_KEY, KEY), [KEY, OLD_KEY]) is None
    assert verify(chain(OLD_KEY, KEY), [KEY]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"details": "nothing"},
        {"action": AuditAction.TICKET_CLOSED},
        {"user_id": "acc-2"},
        {"timestamp": AT.replace(hour=4)},
        {"run_id": "other"},
    ],
)
def test_a_changed_entry_shows(change: dict[str, object]) -> None:
    entries = chain(KEY, KEY, KEY)
    entries[1] = replace(entries[1], **change)  # type: ignore[arg-type]
    assert verify(entries, [KEY]) == 2


def test_a_removed_or_swapped_entry_shows() -> None:
    first, second, third = chain(KEY, KEY, KEY)
    assert verify([first, third], [KEY]) == 2
    assert verify([second, third], [KEY]) == 1
    assert verify([first, replace(third, version=2)], [KEY]) == 2


def test_a_person_can_be_forgotten_without_breaking_the_chain() -> None:
    entries = [replace(one, user_name=None, user_empid=None) for one in chain(KEY, KEY)]
    assert verify(entries, [KEY]) is None
