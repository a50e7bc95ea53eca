"""Addresses as RFC 3986 writes them."""

import re
import unicodedata
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from hairfeed.text.characters import without_forbidden

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
"""Of addresses that an article may lead to."""

# Everything that RFC 3986 lets stand in a URL after its authority; brackets are not among it.
_URL_SAFE = "!#$%&'()*+,/:;=?@~"
_STRAY_PERCENT = re.compile("%(?![0-9a-fA-F]{2})")
# What comes out of here, as most of it goes in.
_IS_WRITTEN = re.compile(
    rf"https?://[a-z0-9_.-]+(?::[1-9]\d{{0,3}})?/(?:[A-Za-z0-9_.\-{_URL_SAFE.replace('%', '')}]|%[0-9A-Fa-f]{{2}})*", re.ASCII
)
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_CANDIDATE = re.compile(r"[\s,]*(?P<url>\S*[^\s,])(?:,|(?P<size>[^,]*))")
_SIZE = re.compile(r"\s*(?:\d+(?:\.\d+)?[wxh]\s*)*")


def absolute_address(url: str, base_url: str) -> str | None:
    """The web address that `url` means on the page at `base_url`, percent-encoded; None when it means none."""
    address = absolute(url, base_url)
    return address if address and address.startswith("http") else None


def absolute(url: str, base_url: str) -> str | None:
    """The URL as RFC 3986 writes it, without credentials; None when it is broken or its scheme is not allowed."""
    if _IS_WRITTEN.fullmatch(url):
        return url
    try:
        parts = urlsplit(urljoin(base_url, without_forbidden(url).strip()))
        return _written(parts) if parts.scheme in SCHEMES else None
    except ValueError:
        return None


def _written(parts: SplitResult) -> str | None:
    if parts.scheme in {"mailto", "tel"}:
        return _quoted(parts.geturl())
    host = _ascii_host(parts.hostname or "")
    if not _HOST.fullmatch(host):
        return None
    authority = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        authority += f":{parts.port}"
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return _quoted(parts._replace(netloc=authority, path=path).geturl())


def _quoted(url: str) -> str:
    scheme, colon, rest = url.partition(":")
    if rest.startswith("//["):
        literal, bracket, tail = rest.partition("]")
        return f"{scheme}:{literal}{bracket}" + quote(_STRAY_PERCENT.sub("%25", tail), safe=_URL_SAFE)
    return scheme + colon + quote(_STRAY_PERCENT.sub("%25", rest), safe=_URL_SAFE)


def _ascii_host(host: str) -> str:
    """The host in the letters of the DNS (RFC 3492), written as browsers read it: a straße is no strasse."""
    labels = unicodedata.normalize("NFKC", host.lower()).replace("。", ".").split(".")
    return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels)


def absolute_candidates(srcset: str, base_url: str) -> str | None:
    """The images of a `srcset` (HTML §4.8.4.2.1) that can be fetched; None when there are none."""
    written = []
    for candidate in _CANDIDATE.finditer(srcset):
        url, size = absolute(candidate["url"], base_url), (candidate["size"] or "").strip()
        if url and _SIZE.fullmatch(size):
            written.append(f"{url.rstrip(',')} {size}".strip())
    return ", ".join(written) or None
