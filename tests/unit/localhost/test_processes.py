"""Signals that come at a bad moment."""

import os
import signal
import threading

import pytest

from localhost import processes


def test_a_signal_waits_for_the_end_of_the_block():
    done = []

    def interrupted():
        with processes.signals_deferred():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_a_signal_nothing_happens_in_any_thread():
    with processes.signals_deferred():
        pass
    passed = []

    def elsewhere():
        with processes.signals_deferred():
            passed.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert passed == [True]
