import pytest

from localhost.errors import HostError
from localhost.replay import Patience


def test_patience_ends_with_what_it_waited_for():
    with pytest.raises(HostError, match="still waiting for the moon"):
        Patience(0).pause("the moon")


def test_patience_waits_before_its_end():
    Patience(60).pause("the moon")
