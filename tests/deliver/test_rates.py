"""What providers say of how much they still take, and how a pass keeps to it before it is told to."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from hairfeed.deliver.pace import heeded
from hairfeed.deliver.providers.outcomes import Room
from hairfeed.deliver.providers.rates import room, until_reset
from tests.deliver.faulty_api import Answer, ApiCall, ResendDialect, Truth, a_faulty_api
from tests.deliver.sending import NOW, Sending, receipt
from tests.deliver.test_pace import FRESH

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
AT = int(NOW.timestamp())

ROOMS: list[tuple[dict[str, str], Room | None]] = [
    # Resend, as the sixth draft has it.
    ({"ratelimit-limit": "2", "ratelimit-remaining": "1", "ratelimit-reset": "1"}, Room(1, SECOND, 2)),
    ({"RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "50", "RateLimit-Reset": "30"}, Room(50, 30 * SECOND, 100)),
    # SendGrid: an instant.
    ({"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "499", "X-RateLimit-Reset": str(AT + 20)}, Room(499, 20 * SECOND, 500)),
    ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str((AT + 20) * 1000)}, Room(7, 20 * SECOND)),
    ({"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": str(AT - 20)}, Room(7, timedelta(0))),
    # Brevo: the time that is left.
    (
        {"x-sib-ratelimit-limit": "1000", "x-sib-ratelimit-remaining": "0", "x-sib-ratelimit-reset": "1800"},
        Room(0, 30 * MINUTE, 1000),
    ),
    # The seventh draft, and those after it.
    ({"RateLimit": "limit=100, remaining=50, reset=5"}, Room(50, 5 * SECOND, 100)),
    ({"RateLimit": '"default";r=50;t=30'}, Room(50, 30 * SECOND)),
    ({"RateLimit": '"burst";r=9;t=1, "daily";r=2;t=3600'}, Room(2, 60 * MINUTE)),
    # More than a day is not believed.
    ({"ratelimit-remaining": "0", "ratelimit-reset": "999999"}, Room(0, timedelta(days=1))),
    ({}, None),
    ({"ratelimit-remaining": "5"}, None),
    ({"ratelimit-reset": "5"}, None),
    ({"ratelimit-remaining": "many", "ratelimit-reset": "soon"}, None),
    ({"ratelimit-remaining": "-1", "ratelimit-reset": "1"}, None),
    ({"ratelimit-remaining": "9" * 400, "ratelimit-reset": "9" * 400}, None),
    ({"RateLimit": "r=1"}, None),
    ({"RateLimit": "\x00;r=;t=;,,,=" * 1000}, None),
]


@pytest.mark.parametrize(("headers", "left"), ROOMS)
def test_headers_say_how_much_room_is_left(headers: dict[str, str], left: Room | None) -> None:
    assert room(headers, NOW) == left


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": "1"}, SECOND),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(AT + 42)}, 42 * SECOND),
        ({"x-sib-ratelimit-reset": "17"}, 17 * SECOND),
        ({"RateLimit": '"burst";r=0;t=1, "daily";r=50;t=3600'}, SECOND),
        ({"x-sib-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_headers_of_a_429_say_how_long_it_lasts(headers: dict[str, str], wait: timedelta | None) -> None:
    assert until_reset(headers, NOW) == wait


@pytest.mark.parametrize(
    ("left", "under_way", "wait"),
    [
        # None is left, or those under way will use it up: not before the reset.
        (Room(0, 30 * SECOND), 0, 30 * SECOND),
        (Room(2, 30 * SECOND, 100), 2, 30 * SECOND),
        # Little is left: spread over the time.
        (Room(20, 60 * SECOND, 100), 0, 3 * SECOND),
        (Room(20, 60 * SECOND, 100), 3, 12 * SECOND),
        # Enough is left, or nobody knows how much is little.
        (Room(26, 60 * SECOND, 100), 3, None),
        (Room(1, 60 * SECOND), 0, None),
        (Room(1, SECOND, 2), 0, None),
    ],
)
def test_the_pace_slows_before_the_room_is_used_up(left: Room, under_way: int, wait: timedelta | None) -> None:
    assert heeded(FRESH, left, under_way, NOW).closed_until == (None if wait is None else NOW + wait)


def test_a_longer_wait_is_not_cut_short() -> None:
    closed = heeded(FRESH, Room(0, MINUTE), 0, NOW)
    assert heeded(closed, Room(0, SECOND), 0, NOW) == closed


class Metered(ResendDialect):
    """Takes two calls a second by the pass's own clock, says so in every answer, and answers 429 to a third."""

    def __init__(self, write: Callable[[int, int], dict[str, str]]) -> None:
        """`write` makes the headers of what is left and of the limit."""
        self.write = write
        self.sending: Sending | None = None
        self.made: Counter[int] = Counter()
        self.throttled = 0

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """As long as the second's calls are not used up."""
        assert self.sending is not None
        second = int(self.sending.clock.now().timestamp())
        if self.made[second] == 2:
            self.throttled += 1
            return Answer(429, b"")
        self.made[second] += 1
        answer = super().take(call, truth)
        return Answer(answer.status, answer.body, self.write(2 - self.made[second], 2))


STYLES: dict[str, Callable[[int, int], dict[str, str]]] = {
    "Resend": lambda left, limit: {"ratelimit-limit": f"{limit}", "ratelimit-remaining": f"{left}", "ratelimit-reset": "1"},
    "SendGrid": lambda left, limit: {
        "X-RateLimit-Limit": f"{limit}",
        "X-RateLimit-Remaining": f"{left}",
        "X-RateLimit-Reset": f"{int(time.time()) + 2}",
    },
    "Brevo": lambda left, limit: {
        "x-sib-ratelimit-limit": f"{limit}",
        "x-sib-ratelimit-remaining": f"{left}",
        "x-sib-ratelimit-reset": "1",
    },
    "the standard": lambda left, limit: {"RateLimit": f'"default";r={left};t=1'},
}


@pytest.mark.parametrize("style", STYLES)
def test_a_provider_that_counts_aloud_never_has_to_throttle(tmp_path: Path, style: str) -> None:
    readers = [f"reader{number}@example.net" for number in range(350)]
    dialect = Metered(STYLES[style])
    with a_faulty_api(dialect) as api:
        section = {"key": "k", "url": f"http://127.0.0.1:{api.port}", "calls_per_second": 1000, "concurrency": 2}
        sending = Sending(tmp_path, provider="resend", resend=section)
        dialect.sending = sending
        sending.subscribe(*readers)
        sending.approve()
        report = sending.deliver()
    assert (receipt(report).accepted, api.truth.mailed, dialect.throttled) == (350, Counter(readers), 0)
    assert len(dialect.made) >= 2
