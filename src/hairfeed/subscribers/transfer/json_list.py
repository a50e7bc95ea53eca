"""The readers in a list that listmonk's API gives, as rows of a table: one a reader and list. Keeps one reader at a time."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from hairfeed.subscribers.transfer.tables import Record, Unreadable

COLUMNS = ("email", "name", "status", "created_at", "list", "list_status", "list_optin", "list_updated_at")
_BLOCK = 1 << 16
_LONGEST = 1 << 20
"""Characters of one reader."""
_BETWEEN = " \t\r\n,"


def rows(text: TextIO) -> Iterator[Record | Unreadable]:
    """Every reader of the first array in a document, once for each of their lists, or once without a list."""
    number = 0
    for number, one in enumerate(_objects(text), 1):
        if isinstance(one, str):
            yield Unreadable(number, "no JSON from here on", one)
            return
        if not isinstance(one, dict):
            yield Unreadable(number, "is no reader", json.dumps(one)[:500])
            continue
        lists = [entry for entry in one.get("lists") or () if isinstance(entry, dict)] if isinstance(one.get("lists"), list) else []
        for entry in lists or ({},):
            # In the order of COLUMNS.
            of_list = (entry.get(name) for name in ("name", "subscription_status", "optin", "subscription_updated_at"))
            yield Record(number, [_text(value) for value in (*(one.get(name) for name in COLUMNS[:4]), *of_list)])


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _objects(text: TextIO) -> Iterator[Any]:
    """The members of the first array; a string where it is broken off or no JSON."""
    decoder = json.JSONDecoder()
    buffer = text.read(_BLOCK)
    at = buffer.find("[") + 1
    while at > 0:
        while at < len(buffer) and buffer[at] in _BETWEEN:
            at += 1
        if buffer.startswith("]", at):
            return
        try:
            one, at = decoder.raw_decode(buffer, at)
        except RecursionError:
            # Brackets in brackets by the thousand.
            break
        except json.JSONDecodeError:
            more = text.read(_BLOCK) if len(buffer) - at < _LONGEST else ""
            if not more:
                break
            # A space before it, so that nothing is at zero, which means that no list began.
            buffer, at = f" {buffer[at:]}{more}", 1
            continue
        yield one
    yield buffer[at : at + 100]
