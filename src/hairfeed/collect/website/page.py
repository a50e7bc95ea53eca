"""A fetched page as text, read as an article."""

import re
from collections.abc import Mapping
from dataclasses import replace

from hairfeed.collect.network.fetch import Fetched
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError

_HTML = ("text/html", "application/xhtml+xml", "")
# Within the first 1024 bytes (HTML §13.2.3.2).
_META_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([A-Za-z0-9_.:-]+)""", re.IGNORECASE)


def read_web_page(fetched: Fetched, selectors: Mapping[str, str], asked: str | None = None) -> Page:
    """The article on a fetched page, with the address that it names, else that to which it moved for good, else that `asked` for.

    Where it was found for now (302, 307) may be another place tomorrow.

    Raises:
        PageError: it is no HTML, or holds no article that can be read.
    """
    if fetched.media_type not in _HTML:
        raise PageError(f"is {fetched.media_type}, not HTML")
    # trafilatura and its dictionaries take a second to import: only what was fetched pays.
    from hairfeed.collect.html.page import parse

    page = parse(decoded(fetched), fetched.url, selectors)
    return replace(page, url=page.url or fetched.moved_to or asked or fetched.url)


def decoded(fetched: Fetched) -> str:
    """The text: a byte order mark decides, then what the server or the page says, then UTF-8, then Windows-1252."""
    content = fetched.content
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    declared = _META_CHARSET.search(content[:1024])
    names = (fetched.charset, declared and declared[1].decode("ascii"), "utf-8", "cp1252")
    for name in filter(None, names):
        try:
            return content.decode(name).encode("utf-8", "replace").decode()
        except (ValueError, LookupError):
            continue  # ValueError is what odd names give: those of Python's own codecs too, like "idna" and "undefined"
    return content.decode("latin-1")
