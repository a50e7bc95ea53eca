"""A folder as people leave it: encodings, links, odd names, and files that are no pages."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from hairfeed.collect.folder import files as folder
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError, SourceError

TEXT = "Hair Care\n\nFür die Größe\n\nEin Text über Haare.\n\nPlain Hair - 8-8-2024\n"


def ids(root: Path) -> list[str]:
    return [file.upstream_id for file in folder.scan(root)]


def read_only(root: Path) -> tuple[Page, tuple[str, ...]]:
    (file,) = folder.scan(root)
    return folder.read(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_in_unicode_is_read_without_a_word(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    page, notes = read_only(tmp_path)
    assert (page.title, page.topics, notes) == ("Für die Größe", ("Hair Care",), ())


def test_utf_16_is_read_from_its_big_end_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert read_only(tmp_path)[0].title == "Für die Größe"


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("cp1252"))
    page, notes = read_only(tmp_path)
    assert page.title == "Für die Größe"
    assert notes == ("is not UTF-8 (byte 13) and was read as Windows-1252; save it as UTF-8 to be sure",)


def test_a_byte_order_mark_does_not_hide_front_matter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\nText.\r\n")
    assert read_only(tmp_path)[0].title == "A"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is binary"),
        (b"A\n\nB\n\n\x81\x8d text", "neither UTF-8 nor Windows-1252 text .byte 7."),
        (b"\xff\xfea", "begins like UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(PageError, match=reason):
        read_only(tmp_path)


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(PageError, match="has 50,000,000 bytes, and a page may have 5,000,000 at most"):
        read_only(tmp_path)


def test_pages_are_told_by_their_endings_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    for name in ("b.txt", "a.MD", "c.markdown", "d.html", "e.HTM", ".hidden.txt", "f.txt~", "g.jpg", "noending"):
        (tmp_path / name).touch()
    for name in (".git/h.txt", "deep/er/i.txt", "x.txt/j.txt"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert ids(tmp_path) == ["a.MD", "b.txt", "c.markdown", "d.html", "deep/er/i.txt", "e.HTM", "x.txt/j.txt"]


def test_the_folders_of_generators_are_passed_over_wherever_they_stand(tmp_path: Path) -> None:
    for name in (
        "a.md",
        "_drafts/b.md",
        "_site/c.html",
        "x/node_modules/y/d.md",
        "_includes/e.html",
        "public/f.md",
        "x/vendor/g.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert ids(tmp_path) == ["a.md", "public/f.md", "x/vendor/g.md"]


def test_a_page_in_a_bundle_has_the_name_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "2024-08-08-wash").mkdir()
    (tmp_path / "2024-08-08-wash" / "index.md").write_text("# Wash\n\nGently.\n", encoding="utf-8")
    assert read_only(tmp_path)[0].date_text == "2024-08-08"


def test_html_with_front_matter_is_read_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("---\ntitle: Wash\ndate: 2024-08-08\n---\n<p>Gently *now*.</p>\n", encoding="utf-8")
    page, _ = read_only(tmp_path)
    assert (page.title, page.date_text, page.html.strip()) == ("Wash", "2024-08-08", "<p>Gently *now*.</p>")


def test_a_pipe_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert ids(tmp_path) == []


def test_a_link_that_leads_out_of_the_folder_is_passed_over(tmp_path: Path) -> None:
    root = tmp_path / "articles"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.txt").touch()
    (tmp_path / "secret.txt").touch()
    (root / "b.txt").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path)
    (root / "c.txt").symlink_to(root / "inside" / "a.txt")
    assert ids(root) == ["c.txt", "inside/a.txt"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").touch()
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "x.txt").symlink_to(tmp_path / "y.txt")
    (tmp_path / "y.txt").symlink_to(tmp_path / "x.txt")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert ids(tmp_path) == ["sub/a.txt", "x.txt", "y.txt"]


@pytest.mark.parametrize("target", ["nowhere.txt", "a.txt"])
def test_a_link_to_nothing_is_refused_as_a_page(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / target)
    with pytest.raises(PageError, match="cannot be read: "):
        read_only(tmp_path)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert ids(tmp_path / "link") == ["a.txt"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder 1200 folders below; taken down again step by step, which the removal of temporary folders cannot."""
    folders = [tmp_path / "d"]
    for _ in range(1199):
        folders.append(folders[-1] / "d")
    for one in folders:
        one.mkdir()
    yield folders[-1]
    for one in reversed(folders):
        for file in one.glob("*.txt"):
            file.unlink()
        one.rmdir()


def test_folders_may_stand_deeper_than_a_program_may_call_itself(tmp_path: Path, deep: Path) -> None:
    (deep / "a.txt").touch()
    assert ids(tmp_path) == ["d/" * 1200 + "a.txt"]


def test_a_name_is_kept_in_its_composed_form(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "pflegé.txt")).touch()
    assert ids(tmp_path) == [unicodedata.normalize("NFC", "pflegé.txt")]


def test_a_name_that_is_no_utf_8_gets_one(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text(TEXT, encoding="utf-8")
    assert ids(tmp_path) == ["caf?.txt"]
    assert read_only(tmp_path)[0].title == "Für die Größe"


@pytest.mark.parametrize("names", [("é.txt".encode(), "e\u0301.txt".encode()), (b"\xe9.txt", b"\xe8.txt")])
def test_of_two_files_that_come_to_one_name_the_second_is_refused(tmp_path: Path, names: tuple[bytes, bytes]) -> None:
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text(TEXT, encoding="utf-8")
    first, second = folder.scan(tmp_path)
    assert folder.read(first)[0].title == "Für die Größe"
    with pytest.raises(PageError, match="rename one of them"):
        folder.read(second)


def test_a_stamp_tells_time_and_size(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text("one", encoding="utf-8")
    os.utime(page, ns=(1, 2))
    first = folder.scan(tmp_path)[0].stamp
    page.write_text("two", encoding="utf-8")
    os.utime(page, ns=(1, 2))
    assert folder.scan(tmp_path)[0].stamp == first
    os.utime(page, ns=(1, 3))
    assert folder.scan(tmp_path)[0].stamp != first
    page.write_text("four", encoding="utf-8")
    os.utime(page, ns=(1, 2))
    assert folder.scan(tmp_path)[0].stamp != first


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"articles: cannot be listed: No such file or directory"):
        folder.scan(tmp_path / "articles")


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles").touch()
    with pytest.raises(SourceError, match=r"articles: cannot be listed: Not a directory"):
        folder.scan(tmp_path / "articles")


def test_a_folder_that_links_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "articles").symlink_to(tmp_path / "articles")
    with pytest.raises(SourceError, match="cannot be listed"):
        folder.scan(tmp_path / "articles")


def test_a_file_that_went_after_the_look_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (file,) = folder.scan(tmp_path)
    file.path.unlink()
    with pytest.raises(PageError, match="cannot be read: No such file or directory"):
        folder.read(file)
