from datetime import UTC, datetime, timedelta

import pytest

from rca.domain.accounts import (
    Attempts,
    Backoff,
    Role,
    account_key,
    address_key,
    check_new_password,
    normal_email,
    normal_name,
    password_bytes,
)
from rca.errors import ShapeError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "covered"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.RESPONDER, {Role.VIEWER, Role.RESPONDER}),
        (Role.ADMIN, {Role.VIEWER, Role.RESPONDER, Role.ADMIN}),
    ],
)
def test_a_role_covers_itself_and_the_lesser_ones(role, covered):
    assert {needed for needed in Role if role.covers(needed)} == covered


def test_one_person_one_key_however_the_address_is_typed():
    assert normal_email("  Ana.Silva@Example.COM ") == "ana.silva@example.com"
    assert account_key(normal_email("E\u0301va@x.org")) == account_key(normal_email("Éva@x.org"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "ana@",
        "@x.org",
        "ana@x",
        "a b@x.org",
        "a@b@x.org",
        "a\0@x.org",
        "a\ud800@x.org",
        "ana@x..org",
    ],
)
def test_what_is_no_email_address_is_refused(text):
    with pytest.raises(ShapeError) as caught:
        normal_email(text)
    assert caught.value.fields == ("email",)


def test_an_email_address_has_at_most_254_characters():
    assert normal_email("a" * 248 + "@x.org")
    with pytest.raises(ShapeError):
        normal_email("a" * 249 + "@x.org")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "Ana\x1b[31m", "Ana\nSilva"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ShapeError):
        normal_name(name)


def test_passwords_have_12_characters_to_72_bytes():
    check_new_password("x" * 12)
    check_new_password("x" * 72)
    check_new_password("ß" * 36)
    for bad in ("x" * 11, "x" * 73, "ß" * 37, "x" * 12 + "\0", "x" * 12 + "\ud800"):
        with pytest.raises(ShapeError):
            check_new_password(bad)


def test_a_password_typed_on_another_keyboard_is_the_same_password():
    assert password_bytes("cafe\u0301") == password_bytes("caf\u00e9")


def test_the_first_attempts_are_free_then_waits_double_up_to_the_longest():
    rule = Backoff(free=3, longest=timedelta(seconds=60))
    attempts, waits = Attempts(), []
    for _ in range(12):
        waits.append(rule.wait(attempts, NOW).total_seconds())
        attempts = rule.another(attempts, NOW)
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_wait_runs_off_and_old_attempts_are_forgotten():
    rule = Backoff(free=1, memory=timedelta(hours=1))
    attempts = Attempts(count=4, last=NOW)
    assert rule.wait(attempts, NOW + timedelta(seconds=5)) == timedelta(seconds=3)
    assert rule.wait(attempts, NOW + timedelta(seconds=8)) == timedelta()
    assert rule.another(attempts, NOW + timedelta(hours=1)).count == 1


def test_a_huge_count_does_not_overflow():
    assert Backoff(free=1).wait(Attempts(count=10**9, last=NOW), NOW) == timedelta(minutes=15)


def test_an_ipv6_network_and_a_mapped_ipv4_address_count_as_one_origin():
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:2")
    assert address_key("2001:db8::1") != address_key("2001:db8:0:1::1")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1")
    assert address_key("192.0.2.1") != address_key("192.0.2.2")
    assert address_key("") == address_key("not an address") == address_key("\ud800")
