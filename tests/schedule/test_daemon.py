"""The beat of passes, and the clocks that may leave it behind; the test moves them."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from hairfeed.schedule.daemon import Clocks, keep_running
from hairfeed.schedule.stopping import told_to_stop

LONG = 1e6


class Times:
    """Both clocks; asleep, the monotonic one stands still."""

    monotonic = 1000.0
    wall = 1_700_000_000.0

    def run(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def clocks(times: Times) -> Clocks:
    return Clocks(lambda: times.monotonic, lambda: times.wall)


def test_clocks_that_keep_step_have_not_jumped(times: Times, clocks: Clocks) -> None:
    times.run(15)
    assert not clocks.jumped()
    times.run(10_000)
    assert not clocks.jumped()


def test_a_clock_that_is_turned_slowly_never_jumps(times: Times, clocks: Clocks) -> None:
    for _ in range(100):
        times.run(15)
        times.wall += 0.5
        assert not clocks.jumped()


@pytest.mark.parametrize("seconds", [-20 * 365 * 86400, -3600, -10, 10, 3600, 12 * 365 * 86400])
def test_a_clock_that_was_set_or_a_machine_that_slept_is_noticed_once(times: Times, clocks: Clocks, seconds: float) -> None:
    times.run(15)
    times.wall += seconds
    assert clocks.jumped()
    times.run(15)
    assert not clocks.jumped()


def test_the_first_pass_begins_at_once_and_a_clock_that_jumped_has_the_next_one_made_now() -> None:
    stop, made = threading.Event(), threading.Semaphore(0)
    passes: list[int] = []

    def tick() -> None:
        passes.append(len(passes))
        made.release()
        if len(passes) == 3:
            stop.set()

    def jumped() -> bool:
        # After each pass that was made; without a jump the next one would be days away.
        return made.acquire(timeout=300)

    keep_running(tick, LONG, stop, jumped, look=0)
    assert passes == [0, 1, 2]


def test_passes_are_made_one_at_a_time(capfd: pytest.CaptureFixture[str]) -> None:
    stop, begun, long_enough = threading.Event(), threading.Event(), threading.Event()
    looks = iter(range(50))
    passes: list[int] = []

    def tick() -> None:
        passes.append(len(passes))
        begun.set()
        assert long_enough.wait(300)
        stop.set()

    def jumped() -> bool:
        assert begun.wait(300)
        if next(looks, None) is None:
            long_enough.set()
            return False
        return True

    keep_running(tick, LONG, stop, jumped, look=0)
    assert passes == [0]
    assert capfd.readouterr().err == ""


def test_a_pass_under_way_is_finished_before_it_ends() -> None:
    stop, told, ended = threading.Event(), threading.Event(), threading.Event()

    def tick() -> None:
        stop.set()
        assert told.wait(300)
        ended.set()

    def tell() -> None:
        assert stop.wait(300)
        told.set()

    teller = threading.Thread(target=tell)
    teller.start()
    keep_running(tick, LONG, stop)
    assert ended.is_set()
    teller.join()


SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_wait_ends_with_the_signal(number: signal.Signals) -> None:
    with told_to_stop() as stop:
        keep_running(lambda: os.kill(os.getpid(), number), LONG, stop, look=LONG)
        assert stop.is_set()


def test_who_had_the_signals_before_has_them_again() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with told_to_stop():
        signal.raise_signal(signal.SIGTERM)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_who_was_begun_by_nohup_stays_when_the_terminal_goes() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with told_to_stop() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
            signal.raise_signal(signal.SIGTERM)
            assert stop.is_set()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_second_signal_ends_the_process_at_once_even_in_the_middle_of_a_pass(number: signal.Signals) -> None:
    program = f"""
import os
from hairfeed.schedule.daemon import keep_running
from hairfeed.schedule.stopping import told_to_stop
with told_to_stop() as stop:
    def tick():
        os.kill(os.getpid(), {int(number)})
        assert stop.wait(300)
        os.kill(os.getpid(), {int(number)})
    keep_running(tick, 1e6, stop)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stderr) == (-number, "")
