import pytest

from rca.domain.accounts import Role
from rca.errors import (
    ConflictError,
    NotConfiguredError,
    ShapeError,
    TooManyRequestsError,
    UnauthorizedError,
)
from rca.workflow.passwords import BcryptPasswords
from tests.unit.workflow.people import TOKEN, People

EMAIL = "ana@example.com"
PASSWORD = "correct horse battery"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def people():
    people = People()
    people.service.set_up(TOKEN, EMAIL, PASSWORD, "Ana", HERE)
    return people


def fail(people, times, email=EMAIL, address=HERE):
    for _ in range(times):
        with pytest.raises(UnauthorizedError):
            people.service.sign_in(email, "wrong password", address)


def test_the_first_admin_can_sign_in(people):
    grant = people.service.sign_in(" Ana@Example.com", PASSWORD, HERE)
    session = people.service.verify(grant.token)
    assert session == grant.session
    assert (session.account_id, session.name, session.role) == ("acc-1", "Ana", Role.ADMIN)


def test_set_up_works_once(people):
    with pytest.raises(ConflictError):
        people.service.set_up(TOKEN, "eve@example.com", PASSWORD, "Eve", HERE)
    with pytest.raises(UnauthorizedError):
        people.service.sign_in("eve@example.com", PASSWORD, HERE)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "é", "\ud800", "\0"])
def test_set_up_needs_the_token(token):
    people = People()
    with pytest.raises(UnauthorizedError):
        people.service.set_up(token, EMAIL, PASSWORD, "Ana", HERE)
    assert not people.store.accounts


def test_a_wrong_token_tells_nothing_about_whether_set_up_was_done(people):
    with pytest.raises(UnauthorizedError):
        people.service.set_up("wrong", EMAIL, PASSWORD, "Ana", HERE)


def test_guessing_the_set_up_token_is_slowed():
    people = People()
    for _ in range(5):
        with pytest.raises(UnauthorizedError):
            people.service.set_up("wrong", EMAIL, PASSWORD, "Ana", HERE)
    with pytest.raises(TooManyRequestsError):
        people.service.set_up(TOKEN, EMAIL, PASSWORD, "Ana", HERE)


def test_set_up_is_closed_while_no_token_is_set():
    with pytest.raises(NotConfiguredError, match="SETUP_TOKEN"):
        People(setup_token=None).service.set_up("", EMAIL, PASSWORD, "Ana", HERE)


def test_a_password_that_bcrypt_would_cut_off_is_refused():
    people = People()
    with pytest.raises(ShapeError) as caught:
        people.service.set_up(TOKEN, EMAIL, "x" * 73, "Ana", HERE)
    assert caught.value.fields == ("password",)


@pytest.mark.parametrize("password", ["", PASSWORD.upper(), PASSWORD + "x", "x" * 100, "\0", "\ud800"])
def test_a_wrong_password_is_refused(people, password):
    with pytest.raises(UnauthorizedError):
        people.service.sign_in(EMAIL, password, HERE)


@pytest.mark.parametrize("email", ["eve@example.com", "", "\ud800", "x" * 10_000, "first"])
def test_an_unknown_address_gets_the_same_answer_for_the_same_work(people, email):
    before = people.passwords.compared
    with pytest.raises(UnauthorizedError) as unknown:
        people.service.sign_in(email, PASSWORD, HERE)
    with pytest.raises(UnauthorizedError) as known:
        people.service.sign_in(EMAIL, "wrong password", HERE)
    assert unknown.value.detail == known.value.detail
    assert people.passwords.compared == before + 2


def test_nobodys_hash_costs_what_a_real_one_costs_and_matches_nothing():
    passwords = BcryptPasswords(rounds=5)
    assert passwords.nobody()[:7] == passwords.hash(b"x")[:7]
    assert len(passwords.nobody()) == len(passwords.hash(b"x"))
    assert not passwords.matches(b"", passwords.nobody())


def test_guessing_is_slowed_and_the_wait_is_told(people):
    fail(people, 5)
    with pytest.raises(TooManyRequestsError) as caught:
        people.service.sign_in(EMAIL, PASSWORD, HERE)
    people.clock.move(seconds=caught.value.retry_after)
    assert people.service.sign_in(EMAIL, PASSWORD, HERE)


def test_a_refused_attempt_compares_no_password(people):
    fail(people, 5)
    before = people.passwords.compared
    with pytest.raises(TooManyRequestsError):
        people.service.sign_in(EMAIL, PASSWORD, HERE)
    assert people.passwords.compared == before


def test_a_stranger_cannot_lock_someone_out(people):
    fail(people, 5, address=ELSEWHERE)
    with pytest.raises(TooManyRequestsError):
        people.service.sign_in(EMAIL, PASSWORD, ELSEWHERE)
    assert people.service.sign_in(EMAIL, PASSWORD, HERE)


def test_trying_many_accounts_from_one_address_is_slowed(people):
    for number in range(50):
        fail(people, 1, email=f"user{number}@example.com", address=ELSEWHERE)
    with pytest.raises(TooManyRequestsError):
        people.service.sign_in(EMAIL, PASSWORD, ELSEWHERE)
    assert people.service.sign_in(EMAIL, PASSWORD, HERE)


def test_an_own_account_does_not_whitewash_guesses_at_others(people):
    for number in range(50):
        fail(people, 1, email=f"user{number}@example.com")
        if number < 40:
            people.service.sign_in(EMAIL, PASSWORD, HERE)
    with pytest.raises(TooManyRequestsError):
        people.service.sign_in(EMAIL, PASSWORD, HERE)


def test_a_good_sign_in_forgets_the_typing_errors_before_it(people):
    for _ in range(4):
        fail(people, 4)
        people.service.sign_in(EMAIL, PASSWORD, HERE)


def test_signing_in_is_closed_while_no_secret_is_set():
    with pytest.raises(NotConfiguredError, match="SESSION_SECRET"):
        People(session_secret=None).service.sign_in(EMAIL, PASSWORD, HERE)
