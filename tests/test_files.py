"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from hairfeed.files import shipped, write_whole


def test_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "feed.rss"
    assert write_whole(target, b"one")
    before = target.stat().st_mtime_ns
    assert not write_whole(target, b"one")
    assert target.stat().st_mtime_ns == before
    assert write_whole(target, b"two")
    assert target.read_bytes() == b"two"


def test_a_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "feed.rss"
    target.mkdir()
    with pytest.raises(OSError, match=r"feed\.rss"):
        write_whole(target, b"two")
    assert [path.name for path in tmp_path.iterdir()] == ["feed.rss"]


def test_what_a_killed_attempt_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".feed.rss.part").write_bytes(b"half of someth")
    write_whole(tmp_path / "feed.rss", b"something")
    assert [path.name for path in tmp_path.iterdir()] == ["feed.rss"]


@pytest.mark.parametrize(
    "name",
    [
        *("templates/email/digest.html", "templates/email/digest.txt", "config/hairfeed.toml"),
        *(f"templates/web/{name}" for name in ("page.html", "feed.html", "gone.html", "style.css", "copy.js")),
    ],
)
def test_what_hairfeed_needs_comes_along(name: str) -> None:
    assert shipped(name).is_file()
