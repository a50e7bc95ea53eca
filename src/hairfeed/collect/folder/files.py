"""A folder of pages: which files there are, and what each of them says."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath

from hairfeed.collect.folder.conventions import NEVER_CONTENT, PLAIN, Convention
from hairfeed.collect.pages import Page
from hairfeed.collect.recordings import listed, measured
from hairfeed.errors import PageError, SourceError

ENDINGS = (".txt", ".md", ".markdown", ".mdx", ".html", ".htm")
LARGEST = 5_000_000
"""Bytes; a page beyond it is a mistake, not an article."""

# What no text has. Other control characters are mended, not refused: a stray one comes with copied text.
_BINARY = b"\x00"
_FRONT_MATTER = re.compile(r"(?:---|\+\+\+)[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that may hold an article."""

    upstream_id: str
    """Its path below the folder, with `/`, in Unicode's composed form (NFC)."""
    path: Path
    size: int
    """Bytes."""
    stamp: str
    """Its time and size: while they are the same, so is the page."""
    is_twin: bool = False
    """Another file, which comes first, has the same upstream id: a name in another Unicode form, or one that is no UTF-8."""


def scan(folder: Path, read_with: str = "") -> list[PageFile]:
    """All pages in the folder and below, in the order of their paths.

    Hidden files, pipes and the like, what links lead out of the folder, and generators' own folders are passed over. Every
    stamp begins with `read_with`, which stands for whatever else decides how a page is read.

    Raises:
        SourceError: the folder, or a part of it, cannot be listed.
    """
    try:
        root = os.path.realpath(folder, strict=True)
        files = sorted(_walk(root, read_with), key=lambda file: (file.upstream_id, os.fsencode(file.path)))
    except OSError as error:
        where = error.filename or folder
        raise SourceError(f"{where}: cannot be listed: {error.strerror}; nothing is known of this source's articles") from error
    for place, (before, file) in enumerate(pairwise(files), start=1):
        if file.upstream_id == before.upstream_id:
            files[place] = replace(file, is_twin=True)
    return files


def _walk(root: str, read_with: str) -> Iterator[PageFile]:
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as listing:
            entries = [one for one in listing if not (one.name.startswith(".") or (one.is_symlink() and _leads_out(one, root)))]
        # A page tells the length of the recording beside it: one that comes later, or is another, is measured again.
        stamp = read_with + listed(entries)
        for entry in entries:
            # A link to a folder above would never end; what it leads to is walked where it stands.
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in NEVER_CONTENT:
                    folders.append(entry.path)
            elif entry.name.lower().endswith(ENDINGS):
                yield from _page_file(root, entry, stamp)


def _leads_out(entry: os.DirEntry[str], root: str) -> bool:
    return not Path(os.path.realpath(entry.path)).is_relative_to(root)


def _page_file(root: str, entry: os.DirEntry[str], read_with: str) -> Iterator[PageFile]:
    try:
        status = entry.stat()
    except OSError:
        # A link to nothing: reading it will say so.
        status = entry.stat(follow_symlinks=False)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
        return
    # A name that is no UTF-8 comes with surrogates, which no database keeps.
    relative = entry.path[len(root) :].strip(os.sep).replace(os.sep, "/").encode("utf-8", "replace").decode("utf-8")
    stamp = f"{read_with}{status.st_mtime_ns}-{status.st_size}"
    yield PageFile(unicodedata.normalize("NFC", relative), Path(entry.path), status.st_size, stamp)


def read(file: PageFile, convention: Convention = PLAIN) -> tuple[Page, tuple[str, ...]]:
    """The page in the file, read as its generator does, and notes on what had to be mended to read it.

    Raises:
        PageError: it holds no article, and why.
    """
    if file.is_twin:
        raise PageError("has a name that cannot be told from another file's; rename one of them")
    if file.size > LARGEST:
        raise PageError(f"has {file.size:,} bytes, and a page may have {LARGEST:,} at most")
    try:
        content = file.path.read_bytes()
    except OSError as error:
        raise PageError(f"cannot be read: {error.strerror}") from error
    text, notes = _decode(content)
    if not text.strip():
        raise PageError("is empty")
    page = convention.complete(_parse(text, file, convention), file.upstream_id)
    if page.enclosure is not None:
        root = file.path.parents[file.upstream_id.count("/")]
        page = replace(page, enclosure=measured(page.enclosure, file.path, root))
    return page, notes


def _decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), ()
        except UnicodeDecodeError as error:
            raise PageError("begins like UTF-16 and is not; save it as UTF-8") from error
    if _BINARY in content:
        raise PageError("is binary, not text")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as no_utf_8:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise PageError(f"is neither UTF-8 nor Windows-1252 text (byte {error.start + 1}); save it as UTF-8") from error
        return text, (f"is not UTF-8 (byte {no_utf_8.start + 1}) and was read as Windows-1252; save it as UTF-8 to be sure",)


def _parse(text: str, file: PageFile, convention: Convention) -> Page:
    # Each parser brings its own library; a folder of .txt pages needs none of them.
    path = PurePosixPath(file.upstream_id)
    ending = path.suffix.lower()
    if ending in (".md", ".markdown", ".mdx") or (ending in (".html", ".htm") and _FRONT_MATTER.match(text)):
        from hairfeed.collect.folder import markdown_page

        # A page that shares its folder with its pictures has the folder's name.
        in_bundle = path.stem == "index" and path.parent.name
        return markdown_page.parse(text, path.parent.name + path.suffix if in_bundle else path.name, convention)
    if ending in (".html", ".htm"):
        from hairfeed.collect.html import page as html_page

        return html_page.parse(text)
    from hairfeed.collect.folder import text_page

    return text_page.parse(text)
