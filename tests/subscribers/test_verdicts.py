"""What a history of notices means for an address."""

from datetime import UTC, datetime, timedelta

import pytest

from hairfeed.models.events import EventKind, MailEvent
from hairfeed.subscribers.verdicts import verdict

BEGAN = datetime(2024, 8, 9, tzinfo=UTC)
KINDS = {
    "d": EventKind.DELIVERED,
    "s": EventKind.SOFT_BOUNCE,
    "h": EventKind.HARD_BOUNCE,
    "c": EventKind.COMPLAINT,
    "o": EventKind.OPENED,
}


@pytest.mark.parametrize(
    ("history", "why"),
    [
        ("", None),
        ("dddd", None),
        ("ss", None),
        ("sss", "3 soft bounces in a row, says plain"),
        ("ssds", None),
        ("ssdsss", "3 soft bounces in a row, says plain"),
        ("sosos", "3 soft bounces in a row, says plain"),
        ("dh", "hard bounce, says plain"),
        ("hd", "hard bounce, says plain"),
        ("dc", "complaint, says plain"),
        ("ch", "complaint, says plain"),
    ],
)
def test_a_history_leads_to_a_verdict(history: str, why: str | None) -> None:
    told = [
        MailEvent("plain", str(number), KINDS[letter], BEGAN + timedelta(days=number), "reader@example.net")
        for number, letter in enumerate(history)
    ]
    assert verdict(told, soft_bounces=3) == why
