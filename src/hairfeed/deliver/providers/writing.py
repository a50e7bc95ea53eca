"""What adapters share in building requests. Pure: the same values give the same bytes."""

import json
from email.header import Header
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

_PLAIN = frozenset(" !#$%&'*+-/=?^_`{|}~")
"""What a display name may hold beside letters and digits without quotes (RFC 5322 §3.2.3)."""


def json_body(value: Any) -> bytes:
    """`value` as JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def mailbox(text: str) -> str:
    """A mailbox of the config for an API that reads `Name <address>`: any script, and quotes round what needs them."""
    name, address = parseaddr(text)
    if not name:
        return address
    if not all(character.isalnum() or character in _PLAIN or not character.isascii() for character in name):
        name = '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
    return f"{name} <{address}>"


def ascii_header(value: str) -> str:
    """A header's value for an API that may not encode it: the phrase before ` <` in encoded words, on one line (RFC 2047 §2)."""
    phrase, bracket, rest = value.rpartition(" <")
    if value.isascii():
        return value
    return Header(phrase, "utf-8", maxlinelen=75).encode(linesep="\n").replace("\n", "") + bracket + rest


def short_mark(key: str, digits: int) -> str:
    """As many hexadecimal digits that stand for a batch's key: the same at every attempt."""
    return sha256(key.encode()).hexdigest()[:digits]
