"""The beat of passes, by clocks that the test moves."""

import signal
import threading

import pytest

from hairfeed.schedule.daemon import Beat, keep_running, told_to_stop


class Clocks:
    """Both clocks; asleep, the monotonic one stands still."""

    monotonic = 1000.0
    wall = 1_700_000_000.0

    def run(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def beat(clocks: Clocks) -> Beat:
    """A pass every 300 seconds."""
    return Beat(300, lambda: clocks.monotonic, lambda: clocks.wall)


def test_the_first_pass_begins_at_once_and_the_next_after_the_pause(clocks: Clocks, beat: Beat) -> None:
    assert beat.left() <= 0
    beat.begin()
    clocks.run(100)
    assert beat.left() == 200
    clocks.run(200)
    assert beat.left() <= 0


def test_a_pass_that_took_longer_than_the_pause_is_followed_by_one_pass_not_by_many(clocks: Clocks, beat: Beat) -> None:
    beat.begin()
    clocks.run(10_000)
    assert beat.left() <= 0
    beat.begin()
    assert beat.left() == 300


def test_after_sleep_the_next_pass_is_not_late_by_the_time_asleep(clocks: Clocks, beat: Beat) -> None:
    beat.begin()
    clocks.wall += 3600
    assert beat.left() <= 0


def test_a_clock_that_is_set_back_by_years_stops_nothing(clocks: Clocks, beat: Beat) -> None:
    beat.begin()
    clocks.wall -= 20 * 365 * 86400
    clocks.run(299)
    assert beat.left() == 1
    clocks.run(1)
    assert beat.left() <= 0


def test_passes_are_made_one_after_the_other_until_told_to_stop() -> None:
    ticks: list[int] = []
    with told_to_stop() as stop:

        def tick() -> None:
            ticks.append(len(ticks))
            if len(ticks) == 3:
                signal.raise_signal(signal.SIGTERM)

        keep_running(tick, Beat(0), stop)
    assert ticks == [0, 1, 2]


def test_a_wait_ends_with_the_signal() -> None:
    with told_to_stop() as stop:
        keep_running(lambda: signal.raise_signal(signal.SIGINT), Beat(1e9), stop)
        assert stop.is_set()


def test_the_second_signal_is_left_to_who_had_it_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with told_to_stop() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        assert signal.getsignal(signal.SIGTERM) == before
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_stop_from_another_thread_ends_the_wait() -> None:
    stop, waiting = threading.Event(), threading.Event()
    thread = threading.Thread(target=keep_running, args=(waiting.set, Beat(1e9), stop))
    thread.start()
    assert waiting.wait(300)
    stop.set()
    thread.join(300)
    assert not thread.is_alive()
