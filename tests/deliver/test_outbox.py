"""Digests as files: one a recipient, whatever the address, however often."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.deliver.sending import NOW, SOON, Sending, failures, receipt


def outbox(folder: Path) -> Sending:
    """An approved issue for the folder `outbox`."""
    sending = Sending(folder, outbox={"directory": "outbox"})
    sending.approve()
    return sending


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "outbox").iterdir())}


def test_every_reader_gets_one_file(tmp_path: Path) -> None:
    sending = outbox(tmp_path)
    sending.subscribe("a@example.net", "b@example.net")
    assert str(receipt(sending.deliver())) == "owed 2  accepted 2  refused 0  unknown 0"
    assert list(files(tmp_path)) == ["weekly-0001-a@example.net.eml", "weekly-0001-b@example.net.eml"]


def test_only_their_owner_can_read_the_mails(tmp_path: Path) -> None:
    sending = outbox(tmp_path)
    sending.subscribe("a@example.net")
    sending.deliver()
    assert (tmp_path / "outbox").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("at", [NOW, SOON, NOW + timedelta(days=2000), NOW - timedelta(days=2000)])
def test_a_pass_that_was_killed_is_repeated_into_the_same_files(tmp_path: Path, at: datetime) -> None:
    sending = outbox(tmp_path)
    sending.subscribe("a@example.net", "b@example.net")
    sending.deliver()
    first = files(tmp_path)
    (tmp_path / "outbox" / "weekly-0001-a@example.net.eml").unlink()
    sending.leave_in_flight()
    assert str(receipt(sending.deliver(at))) == "owed 2  accepted 2  refused 0  unknown 0"
    assert files(tmp_path) == first


ODD = [
    "o'neil@example.com",
    "a+b@example.com",
    "a/b@example.com",
    "a%2fb@example.com",
    "{a|b}@example.com",
    "*?@example.com",
    "x@bücher.example.com",
    "l" * 64 + "@" + "d" * 60 + "." + "e" * 60 + "." + "f" * 50 + ".example",
    "l" * 64 + "@" + "d" * 60 + "." + "e" * 60 + "." + "f" * 49 + "g.example",
]


def test_odd_and_long_addresses_have_files_of_their_own(tmp_path: Path) -> None:
    sending = outbox(tmp_path)
    sending.subscribe(*ODD)
    assert receipt(sending.deliver()).accepted == len(ODD)
    found = files(tmp_path)
    assert len({message_from_bytes(content, policy=policy.default)["To"] for content in found.values()}) == len(ODD)
    assert all(name.isascii() and name.startswith("weekly-0001-") and len(name) < 200 for name in found)


def blocked_by_a_file(folder: Path) -> Path:
    (folder / "outbox").write_text("", encoding="utf-8")
    return folder / "outbox"


def blocked_by_a_folder(folder: Path) -> Path:
    place = folder / "outbox" / ".weekly-0001-b@example.net.eml.part"
    place.mkdir(parents=True)
    return place


@pytest.mark.parametrize("block", [blocked_by_a_file, blocked_by_a_folder])
def test_mails_wait_for_a_folder_that_can_be_written(tmp_path: Path, block: Callable[[Path], Path]) -> None:
    sending = outbox(tmp_path)
    sending.subscribe("a@example.net", "b@example.net")
    place = block(tmp_path)
    report = sending.deliver()
    assert str(receipt(report)) == "owed 2  accepted 0  refused 0  unknown 0  waiting 2"
    assert "cannot be written" in failures(report)
    if place.is_dir():
        place.rmdir()
    else:
        place.unlink()
    assert str(receipt(sending.deliver(SOON))) == "owed 2  accepted 2  refused 0  unknown 0"
    assert len(files(tmp_path)) == 2
