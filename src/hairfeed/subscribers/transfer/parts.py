"""A file of readers as it lies there: plain, gzipped, or a zip of several; its encoding, its size, its fingerprint."""

import codecs
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from hairfeed.errors import ImportFileError

_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"
_TABLES = (".csv", ".tsv", ".txt")
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_OFFICE = {"[Content_Types].xml", "META-INF/manifest.xml"}
"""In what Excel and LibreOffice save, each a zip."""
_SPREADSHEET = "is a spreadsheet; save it as CSV (UTF-8), and import that"
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError)
"""What Python's readers of compressed files raise for broken, encrypted and exotic ones."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table, or a list in JSON: the file itself, or one of those in a zip."""

    name: str
    read: Callable[[], BinaryIO]
    encoding: str
    lines: int
    """At least; for a progress bar."""
    is_json: bool

    def text(self) -> io.TextIOWrapper:
        """Its text from the beginning, with the ends of its lines as they are; the caller closes it."""
        return io.TextIOWrapper(self.read(), encoding=self.encoding, newline="")


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of readers."""

    path: Path
    parts: tuple[Part, ...]
    digest: str
    """Of its bytes."""
    stamp: tuple[int, int]

    @property
    def name(self) -> str:
        """As reports call it."""
        return self.path.name

    def has_changed(self) -> bool:
        """Whether it is another one by now than the one that was looked at."""
        try:
            return _stamp(self.path) != self.stamp
        except OSError:
            return True


def open_list(path: Path, encoding: str | None) -> ListFile:
    """Look through a file: every byte is read once, and nothing is kept.

    Raises:
        ImportFileError: it cannot be read, is empty, or its encoding cannot be told or is not `encoding`.
    """
    try:
        stamp = _stamp(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        parts = tuple(_looked_at(path, name, read, encoding) for name, read in _parts(path))
    except _BROKEN as error:
        raise ImportFileError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not parts:
        raise ImportFileError(f"{path}: is empty, or a zip without tables (.csv) in it")
    return ListFile(path, parts, digest, stamp)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _parts(path: Path) -> Iterator[tuple[str, Callable[[], BinaryIO]]]:
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning.startswith(_OLD_SPREADSHEET):
        raise ImportFileError(f"{path}: {_SPREADSHEET}")
    if beginning.startswith(b"\x1f\x8b"):
        yield path.name, lambda: cast("BinaryIO", gzip.GzipFile(path))
    elif beginning.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
            if _OFFICE & set(names):
                raise ImportFileError(f"{path}: {_SPREADSHEET}")
            for name in names:
                if _is_table(PurePosixPath(name)):
                    yield name, _Member(path, name)
    elif beginning:
        yield path.name, lambda: path.open("rb")


def _is_table(member: PurePosixPath) -> bool:
    """Not what macOS adds, nor the posts and statistics that Substack's archive has beside its list of readers."""
    is_hidden = member.name.startswith(".") or "__MACOSX" in member.parts
    return member.suffix.lower() in _TABLES and not is_hidden and member.parts[0] != "posts" and member.name != "posts.csv"


@dataclass(frozen=True, slots=True)
class _Member:
    path: Path
    name: str

    def __call__(self) -> BinaryIO:
        # The member keeps the archive open for as long as it is read.
        with zipfile.ZipFile(self.path) as archive:
            return cast("BinaryIO", archive.open(self.name))


def _looked_at(path: Path, name: str, read: Callable[[], BinaryIO], encoding: str | None) -> Part:
    with read() as file:
        beginning = file.read(4096)
    told = encoding or _declared(beginning)
    for candidate in (told,) if told else ("utf-8", _WESTERN):
        try:
            lines = _count_lines(read, candidate)
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise ImportFileError(f"{candidate!r} is no encoding; write it like utf-8, utf-16 or cp1252 (--encoding)") from error
        is_json = beginning.decode(candidate, "ignore").lstrip("\ufeff \t\r\n")[:1] in {"{", "["}
        return Part(name, read, candidate, lines, is_json)
    tried = told or "UTF-8 nor Windows-1252"
    raise ImportFileError(f"{path}: {name} is not {'' if told else 'in '}{tried}; save it as UTF-8, or say --encoding")


def _declared(beginning: bytes) -> str | None:
    """The encoding that the first bytes show; None where they show none."""
    for mark, encoding in _BOMS:
        if beginning.startswith(mark):
            return encoding
    # Latin letters in UTF-16 have a zero byte each.
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = beginning[offset::2].count(0)
        if len(beginning) >= 4 and zeros * 4 > len(beginning) and zeros > 4 * beginning[1 - offset :: 2].count(0):  # noqa: PLR2004 - half
            return encoding
    return None


def _count_lines(read: Callable[[], BinaryIO], encoding: str) -> int:
    """The line feeds; every byte is decoded on the way.

    Raises:
        UnicodeDecodeError: it is another encoding.
        LookupError: there is no such encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    with read() as file:
        while block := file.read(_BLOCK):
            lines += decoder.decode(block).count("\n")
        decoder.decode(b"", final=True)
    return lines
