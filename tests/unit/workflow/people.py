"""Stand-ins for what the account use cases need."""

from datetime import UTC, datetime, timedelta

from rca.domain.accounts import Attempts
from rca.settings import Settings
from rca.workflow.accounts import AccountService
from rca.workflow.passwords import BcryptPasswords

SECRET = "s" * 32
TOKEN = "set-up-token-0123456789"


class MemoryAccounts:
    """The account store in memory."""

    def __init__(self):
        self.accounts = {}
        self.attempts = {}
        self.first = False

    def find(self, key):
        return self.accounts.get(key)

    def add_first(self, key, account):
        if self.first:
            return False
        self.first = True
        self.accounts[key] = account
        return True

    def count_attempt(self, keys, change):
        after = change([self.attempts.get(key, Attempts()) for key in keys])
        self.attempts.update(zip(keys, after, strict=True))


class Passwords(BcryptPasswords):
    """Cheap bcrypt that counts how often it compared."""

    def __init__(self):
        super().__init__(rounds=4)
        self.compared = 0

    def matches(self, password, hashed):
        self.compared += 1
        return super().matches(password, hashed)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.time = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self):
        return self.time

    def move(self, **duration):
        self.time += timedelta(**duration)


class People:
    """An account service with all its stand-ins."""

    def __init__(self, **settings):
        self.store = MemoryAccounts()
        self.passwords = Passwords()
        self.clock = Clock()
        self.settings = Settings(**{"session_secret": SECRET, "setup_token": TOKEN, **settings})
        self.service = AccountService(self.store, self.settings, self.clock, self.passwords, lambda: "acc-1")
