"""What adapters share in building requests. Pure: the same values give the same bytes."""

import json
from collections.abc import Mapping, Sequence
from email.header import Header
from email.utils import parseaddr
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

_PLAIN = frozenset(" !#$%&'*+-/=?^_`{|}~")
"""What a display name may hold beside letters and digits without quotes (RFC 5322 §3.2.3)."""


def json_body(value: Any) -> bytes:
    """`value` as JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_rows(keys: Sequence[str], columns: Mapping[str, Sequence[str]]) -> str:
    """`{key: {name: value, …}, …}` as `json_body` writes it, with an object for each key: by one join, not one by one.

    `columns` has by name the values of all keys, in their order: at least one column, and names that JSON would not escape.
    """
    # Of a row what stands before each gap; then all rows, and the gaps filled column by column.
    opened = ['":{', *['",'] * (len(columns) - 1)]
    heads = ['"', *(f'{before}"{name}":"' for before, name in zip(opened, columns, strict=True))]
    row = [*(piece for head in heads for piece in (head, "")), '"},']
    parts = row * len(keys)
    for place, column in enumerate((keys, *columns.values())):
        parts[2 * place + 1 :: len(row)] = json_texts(column)
    # The last row is followed by nothing.
    parts[-1] = '"}'
    return "".join(["{", *parts, "}"])


def json_texts(texts: Sequence[str]) -> Sequence[str]:
    """The insides of JSON strings."""
    together = "".join(texts)
    # Texts that need nothing are the rule, and all of them are looked at in one go.
    if len(encode_basestring(together)) == len(together) + len('""'):
        return texts
    return [encode_basestring(text)[1:-1] for text in texts]


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
