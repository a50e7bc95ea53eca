"""Files as they come: encodings, compression, and what they are refused for."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from hairfeed.errors import ImportFileError
from hairfeed.subscribers.transfer.parts import open_list

TEXT = "email,name\nann@example.com,Zoë\n"


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name), member, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def texts(path: Path, encoding: str | None = None) -> dict[str, tuple[str, str]]:
    """By part its encoding and its text."""
    found = {}
    for part in open_list(path, encoding).parts:
        with part.text() as text:
            found[part.name] = (part.encoding, text.read())
    return found


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
)
def test_an_encoding_is_found_out(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "readers.csv"
    path.write_bytes(content)
    assert texts(path) == {"readers.csv": (encoding, TEXT)}


def test_an_encoding_that_is_said_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "readers.csv"
    path.write_bytes("name\nŻ\n".encode("iso8859-2"))
    assert texts(path, "iso8859-2") == {"readers.csv": ("iso8859-2", "name\nŻ\n")}


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "readers.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert texts(path) == {"readers.csv.gz": ("utf-8", TEXT)}


def test_of_a_zip_the_tables_of_readers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    noise = {
        "posts.csv": b"id\n",
        "posts/1.opens.csv": b"email\n",
        "__MACOSX/._a.csv": b"\0",
        "read.me": b"",
        "posts/1.html": b"<p>",
    }
    path.write_bytes(zipped({"a/email_list.csv": TEXT.encode(), "b.csv": TEXT.encode("cp1252"), **noise}))
    assert texts(path) == {"a/email_list.csv": ("utf-8", TEXT), "b.csv": ("cp1252", TEXT)}


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "readers.csv"
    path.write_text(TEXT)
    found = open_list(path, None)
    assert not found.has_changed()
    path.write_text(TEXT + "ben@example.com,Ben\n")
    assert found.has_changed()
    path.unlink()
    assert found.has_changed()


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (b"", None, "is empty"),
        (zipped({"readme.html": b"x"}), None, "a zip without tables"),
        (zipped({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}), None, "is a spreadsheet; save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "is a spreadsheet; save it as CSV"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], None, "cannot be read"),
        (zipped({"a.csv": TEXT.encode() * 99})[:90], None, "cannot be read"),
        (b"email\n\x81\xff\n", None, "not in UTF-8 nor Windows-1252"),
        (TEXT.encode("cp1252"), "utf-8", "is not utf-8"),
        (TEXT.encode(), "utf-9", "is no encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path, content: bytes, encoding: str | None, said: str) -> None:
    path = tmp_path / "readers"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=said):
        open_list(path, encoding)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"nowhere\.csv: cannot be read: No such file"):
        open_list(tmp_path / "nowhere.csv", None)
