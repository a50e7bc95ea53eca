"""What the deliver stage does with readers who left, and with what a crash left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hairfeed.models.issues import BatchState
from tests.deliver.sending import SOON, Sending, receipt

READERS = ["a@example.net", "b@example.net", "c@example.net"]


@pytest.fixture
def frozen(tmp_path: Path) -> Sending:
    """An issue that is frozen for three readers, and could not be sent."""
    sending = Sending(tmp_path, outbox={"directory": "outbox"})
    sending.subscribe(*READERS)
    sending.approve()
    (tmp_path / "outbox").write_text("", encoding="utf-8")
    assert receipt(sending.deliver()).waiting == 3
    (tmp_path / "outbox").unlink()
    return sending


def readers_of(sending: Sending) -> list[str]:
    return sorted(path.name.removeprefix("weekly-0001-").removesuffix(".eml") for path in (sending.folder / "outbox").iterdir())


@pytest.mark.parametrize(("leave", "reason"), [(Sending.unsubscribe, "unsubscribed"), (Sending.suppress, "suppressed")])
def test_a_reader_who_left_after_the_freeze_is_left_out_and_counted(
    frozen: Sending, leave: Callable[[Sending, str], None], reason: str
) -> None:
    leave(frozen, "b@example.net")
    assert str(receipt(frozen.deliver(SOON))) == "owed 3  accepted 2  refused 0  unknown 0  left out 1"
    assert readers_of(frozen) == ["a@example.net", "c@example.net"]
    assert frozen.refusal_reasons() == [("left out", reason)]


def test_a_reader_who_came_after_the_freeze_waits_for_the_next_issue(frozen: Sending) -> None:
    frozen.subscribe("d@example.net")
    assert receipt(frozen.deliver(SOON)).owed == 3
    assert readers_of(frozen) == READERS


def test_an_issue_whose_readers_all_left_is_done(frozen: Sending) -> None:
    for reader in READERS:
        frozen.unsubscribe(reader)
    assert str(receipt(frozen.deliver(SOON))) == "owed 3  accepted 0  refused 0  unknown 0  left out 3"
    assert frozen.deliver(SOON).receipts == ()


def test_an_issue_without_readers_is_done(tmp_path: Path) -> None:
    sending = Sending(tmp_path, outbox={"directory": "outbox"})
    sending.approve()
    assert str(receipt(sending.deliver())) == "owed 0  accepted 0  refused 0  unknown 0"
    assert sending.deliver(SOON).receipts == ()


def test_a_batch_that_was_in_flight_at_a_crash_is_repeated_where_that_is_safe(frozen: Sending) -> None:
    frozen.leave_in_flight()
    assert str(receipt(frozen.deliver(SOON))) == "owed 3  accepted 3  refused 0  unknown 0"
    assert readers_of(frozen) == READERS


def test_a_repetition_that_could_not_be_made_keeps_its_doubt(frozen: Sending) -> None:
    frozen.leave_in_flight()
    (frozen.folder / "outbox").write_text("", encoding="utf-8")
    assert str(receipt(frozen.deliver(SOON))) == "owed 3  accepted 0  refused 0  unknown 3"
    assert frozen.batch_states() == [BatchState.IN_DOUBT]


def test_every_issue_is_sent_to_its_own_readers(tmp_path: Path) -> None:
    sending = Sending(tmp_path, outbox={"directory": "outbox"})
    sending.subscribe("a@example.net")
    sending.subscribe("b@example.net", newsletter="daily")
    sending.approve()
    sending.approve("daily")
    assert [(one.newsletter, one.accepted) for one in sending.deliver().receipts] == [("weekly", 1), ("daily", 1)]
    names = sorted(path.name for path in (tmp_path / "outbox").iterdir())
    assert names == ["daily-0001-b@example.net.eml", "weekly-0001-a@example.net.eml"]
