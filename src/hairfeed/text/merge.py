"""What differs from one recipient of a variant to another: opaque tokens while it is rendered, filled in when its mails are built.

A token is made of lower-case letters and digits, so that no template, inliner, serialiser or line folding changes it; where an
address belongs, it is one. Texts from outside are freed of anything that looks like a token before they are rendered. Pure.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape

MARK = "hf7mq4zk"
"""What every token begins with, and nothing else holds."""

_TOKEN = re.compile(rf"https://{MARK}([a-z]+)0([0-9a-f]*)\.invalid/|{MARK}([a-z]+)0([0-9a-f]*)9z")


class Placeholder(StrEnum):
    """What is filled in for each recipient."""

    NAME = "name"
    UNSUBSCRIBE = "unsubscribe"
    """The page on which the recipient leaves this newsletter."""
    PREFERENCES = "preferences"
    """The page on which the recipient chooses newsletters, topics and language."""
    LEAVE = "leave"
    """The recipient's own address to leave by mail."""
    TRACK = "track"
    """What the addresses of the recipient's links begin with, where the newsletter counts clicks."""

    # Asked for by every recipient: that of Enum is made in Python.
    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Field:
    """A place to be filled: with what, and with what instead where that is empty."""

    placeholder: Placeholder
    otherwise: str = ""


def name_token(otherwise: str) -> str:
    """Where the recipient's name goes, or `otherwise` for those who gave none."""
    return f"{MARK}{Placeholder.NAME}0{otherwise.encode().hex()}9z"


def address_token(placeholder: Placeholder) -> str:
    """Where one of the recipient's own addresses goes: an https address itself, on a host that never exists (RFC 6761 §6.4)."""
    return f"https://{MARK}{placeholder}0.invalid/"


def without_tokens(text: str) -> str:
    """`text` from outside, with nothing in it that could be taken for a token."""
    while MARK in text:
        text = text.replace(MARK, "")
    return text


@dataclass(frozen=True, slots=True)
class Mergeable:
    """A text cut at its tokens: `texts[0]`, `fields[0]`, `texts[1]`, … `texts[-1]`."""

    texts: tuple[str, ...]
    fields: tuple[Field, ...]

    @classmethod
    def of(cls, text: str) -> "Mergeable":
        """`text`, cut.

        Raises:
            ValueError: it holds a broken or unknown token.
        """
        texts, fields, end = [], [], 0
        for match in _TOKEN.finditer(text):
            name, otherwise = match[1] or match[3], match[2] or match[4]
            texts.append(text[end : match.start()])
            fields.append(Field(Placeholder(name), bytes.fromhex(otherwise or "").decode()))
            end = match.end()
        texts.append(text[end:])
        if any(MARK in part for part in texts):
            raise ValueError("a placeholder was broken while the text was made")
        return cls(tuple(texts), tuple(fields))

    def fill(self, values: Mapping[Placeholder, str]) -> str:
        """The text for one recipient; values go in as they are."""
        return "".join(self._parts(values))

    def fill_html(self, values: Mapping[Placeholder, str]) -> str:
        """The HTML for one recipient; values are escaped."""
        return "".join(self._parts(values, escape))

    def _parts(self, values: Mapping[Placeholder, str], form: Callable[[str], str] = str) -> Iterator[str]:
        yield self.texts[0]
        for field, text in zip(self.fields, self.texts[1:], strict=True):
            yield form(values[field.placeholder] or field.otherwise)
            yield text
