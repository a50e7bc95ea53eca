"""What the header fields of an answer say."""

import re
from collections.abc import Mapping

Headers = Mapping[str, str]

_MEDIA_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)\s*(?:[;,]|$)", re.ASCII)
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?\s*([\w.:+-]+)""", re.ASCII | re.IGNORECASE)


def media_type(headers: Headers) -> str:
    """Lower case, without parameters (RFC 9110 §8.3); empty when none is stated."""
    stated = _MEDIA_TYPE.match(headers.get("Content-Type", ""))
    return stated[1].lower() if stated else ""


def charset(headers: Headers) -> str | None:
    """The charset of Content-Type, lower case, in whatever quotes; None when none is stated."""
    stated = _CHARSET.search(headers.get("Content-Type", ""))
    return stated[1].lower() if stated else None


def sendable(value: str | None) -> str | None:
    """A field's value, if it can be sent back as it came."""
    value = (value or "").strip()
    return value if value and value.isascii() and value.isprintable() else None


def location(headers: Headers) -> str | None:
    """Where a redirect leads. Many servers write UTF-8 here, which HTTP hands on as Latin-1."""
    stated = headers.get("Location", "").strip()
    try:
        return stated.encode("latin-1").decode() or None
    except UnicodeError:
        return stated
