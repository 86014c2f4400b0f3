import base64
import json
from datetime import UTC, datetime

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rca.domain.accounts import Account, Role
from rca.errors import NotConfiguredError, UnauthorizedError
from rca.settings import Settings
from rca.workflow.sessions import AUDIENCE, ISSUER, Sessions
from tests.unit.workflow.people import SECRET, Clock

NEW = "n" * 32
ANA = Account(
    id="acc-1",
    email="ana@example.com",
    name="Ána 🌊",
    role=Role.RESPONDER,
    password_hash="",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "acc-1",
    "name": "Ana",
    "role": "admin",
    "iat": 1_790_000_000,
    "exp": 1_999_999_999,
}


def sessions(secret=SECRET, clock=None, **settings):
    return Sessions(Settings(session_secret=secret, **settings), clock or Clock())


def forged(claims, key=SECRET, **options):
    return jwt.encode(claims, key, **{"algorithm": "HS256", **options})


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def test_a_session_lasts_as_long_as_the_setting_says():
    clock = Clock()
    ours = sessions(clock=clock, session_hours=2)
    grant = ours.grant(ANA)
    clock.move(hours=2, seconds=-1)
    assert ours.verify(grant.token) == grant.session
    clock.move(seconds=1)
    with pytest.raises(UnauthorizedError, match="over"):
        ours.verify(grant.token)


def test_a_session_outlives_the_rotation_of_the_secret_and_new_ones_use_the_new_key():
    old = sessions().grant(ANA)
    rotated = sessions(f"{NEW},{SECRET}")
    assert rotated.verify(old.token) == old.session
    with pytest.raises(UnauthorizedError):
        sessions().verify(rotated.grant(ANA).token)
    with pytest.raises(UnauthorizedError):
        sessions(NEW).verify(old.token)


def test_a_good_token_of_that_shape_is_accepted():
    assert sessions().verify(forged(CLAIMS)).role is Role.ADMIN


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "someone"},
        {"aud": "something"},
        {"aud": None},
        {"sub": None},
        {"sub": 7},
        {"name": None},
        {"name": 7},
        {"role": None},
        {"role": "owner"},
        {"role": ["admin"]},
        {"exp": None},
        {"exp": "later"},
        {"exp": 1},
        {"exp": 1e300},
        {"exp": 10**30},
        {"exp": -(10**30)},
        {"iat": None},
        {"nbf": 1_999_999_999},
    ],
)
def test_a_signed_token_with_wrong_claims_is_refused(change):
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    with pytest.raises(UnauthorizedError):
        sessions().verify(forged_raw(claims))


def forged_raw(claims):
    """Sign any JSON, past the library's checks of what one may sign."""
    return jwt.api_jws.encode(json.dumps(claims).encode(), SECRET, algorithm="HS256", headers={"typ": "JWT"})


def test_an_unsigned_token_is_refused():
    header, body = part(b'{"alg":"none","typ":"JWT"}'), part(json.dumps(CLAIMS).encode())
    for signature in ("", "x", part(b"0" * 32)):
        with pytest.raises(UnauthorizedError):
            sessions().verify(f"{header}.{body}.{signature}")


def test_another_algorithm_of_the_same_key_is_refused():
    with pytest.raises(UnauthorizedError):
        sessions("s" * 64).verify(forged(CLAIMS, "s" * 64, algorithm="HS512"))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "\0",
        "é.é.é",
        "\ud800.\ud800.\ud800",
        "x" * 1_000_000,
        f"{part(b'[' * 3_000)}..",
        f"{part(b'{' * 10)}.{part(b'[]')}.{part(b'')}",
        f"{part(b'[]')}.{part(b'[]')}.",
        f"{part(b'7')}.{part(b'7')}.7",
        f"{part(json.dumps({'alg': {}, 'crit': 7}).encode())}.e30.e30",
        f"{part(json.dumps({'alg': ['HS256']}).encode())}.e30.e30",
        f"{part(json.dumps({'alg': 'HS256', 'b64': False, 'crit': ['b64']}).encode())}.e30.e30",
    ],
)
def test_garbage_is_refused(token):
    with pytest.raises(UnauthorizedError):
        sessions().verify(token)


@given(
    st.one_of(st.text(st.characters()), st.from_regex(r"[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*"))
)
def test_no_text_at_all_passes_or_breaks_it(token):
    with pytest.raises(UnauthorizedError):
        sessions().verify(token)


@given(st.data())
def test_a_changed_character_breaks_the_signature(data):
    token = sessions().grant(ANA).token
    place = data.draw(st.integers(0, token.rindex(".") - 1))
    other = data.draw(st.sampled_from("Ab0-_.").filter(lambda letter: letter != token[place]))
    with pytest.raises(UnauthorizedError):
        sessions().verify(token[:place] + other + token[place + 1 :])


def test_no_session_without_a_secret():
    closed = Sessions(Settings(session_secret=None), Clock())
    with pytest.raises(NotConfiguredError, match="SESSION_SECRET"):
        closed.verify("a.b.c")
    with pytest.raises(NotConfiguredError, match="SESSION_SECRET"):
        closed.grant(ANA)
