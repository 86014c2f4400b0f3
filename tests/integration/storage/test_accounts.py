import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rca.domain.accounts import Account, Attempts, Role
from rca.errors import ConflictError, TooManyRequestsError, UnauthorizedError
from rca.settings import Settings
from rca.storage.accounts import Accounts
from rca.storage.connection import Storage
from rca.storage.tables import create
from rca.workflow.accounts import AccountService
from rca.workflow.passwords import BcryptPasswords

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANA = Account(
    id="acc-1",
    email="ana@example.com",
    name="Ána 🌊",
    role=Role.ADMIN,
    password_hash="$2b$04$hash",
    created_at=NOW,
)
SETTINGS = {"session_secret": "s" * 32, "setup_token": "set-up-token-0123456789"}


@pytest.fixture
def settings(azurite):
    prefix = f"t{secrets.token_hex(6)}"
    return Settings(data_storage=azurite.connection_string, storage_prefix=prefix, **SETTINGS)


@pytest.fixture
def accounts(settings):
    storage = Storage(settings)
    create(storage.table("accounts"))
    return Accounts(storage)


def one_more(before):
    return [Attempts(count=attempts.count + 1, last=NOW) for attempts in before]


def counts(accounts, *keys):
    seen = []
    accounts.count_attempt(list(keys), lambda before: seen.append(before) or before)
    return [attempts.count for attempts in seen[-1]]


def test_an_account_comes_back_as_it_was(accounts):
    assert accounts.find("a" * 64) is None
    assert accounts.add_first("a" * 64, ANA)
    assert accounts.find("a" * 64) == ANA
    assert accounts.find("first") is None


def test_of_many_first_accounts_at_once_one_wins(accounts):
    def add(number):
        return accounts.add_first(f"{number:064d}", replace(ANA, id=f"acc-{number}"))

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(add, range(16)))
    assert won.count(True) == 1
    assert [accounts.find(f"{number:064d}") is not None for number in range(16)] == won


def test_a_repeated_commit_of_the_same_account_counts_as_done(accounts):
    assert accounts.add_first("a" * 64, ANA)
    assert accounts.add_first("a" * 64, ANA)


def test_no_attempt_is_lost_among_many_at_once(accounts):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: accounts.count_attempt(["pair", "address"], one_more), range(24)))
    assert counts(accounts, "pair", "address") == [24, 24]


def test_a_refused_attempt_writes_nothing(accounts):
    def refuse(before):
        raise TooManyRequestsError("slow down", 1)

    with pytest.raises(TooManyRequestsError):
        accounts.count_attempt(["pair", "address"], refuse)
    assert counts(accounts, "pair", "address") == [0, 0]


def test_parallel_guesses_do_not_slip_past_the_back_off(accounts, settings):
    service = AccountService(accounts, settings, lambda: NOW, BcryptPasswords(rounds=4))
    service.set_up(SETTINGS["setup_token"], ANA.email, "correct horse battery", "Ana", "192.0.2.1")

    def guess(number):
        try:
            service.sign_in(ANA.email, f"wrong password {number}", "198.51.100.7")
        except (UnauthorizedError, TooManyRequestsError) as error:
            return error.status
        return 200

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(40)))
    assert answers.count(401) == 5
    assert answers.count(429) == 35
    assert service.sign_in(ANA.email, "correct horse battery", "192.0.2.1").session.account_id


def test_set_up_over_real_storage_works_once(accounts, settings):
    service = AccountService(accounts, settings, lambda: NOW, BcryptPasswords(rounds=4))
    account = service.set_up(SETTINGS["setup_token"], ANA.email, "correct horse battery", "Ana", "")
    with pytest.raises(ConflictError):
        service.set_up(SETTINGS["setup_token"], "eve@example.com", "correct horse battery", "Eve", "")
    grant = service.sign_in(ANA.email, "correct horse battery", "")
    assert service.verify(grant.token).account_id == account.id
