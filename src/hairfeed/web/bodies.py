"""What a request brings: read up to a limit, and understood as a form or as JSON, or not at all."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

MOST_FORM = 16 << 10
"""Bytes of a form."""
_MOST_FIELDS = 200
_FORM, _MULTIPART, _JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


class Unacceptable(Exception):
    """A body that cannot be taken; `status` says why."""

    def __init__(self, status: int) -> None:
        """400, 413 or 415."""
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Fields:
    """The texts of a form; what is not text is not there."""

    _pairs: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The first value, without blanks around it; empty when there is none."""
        return next(iter(self.all(name)), "").strip()

    def all(self, name: str) -> list[str]:
        """Every value."""
        return [value for key, value in self._pairs if key == name]

    def __contains__(self, name: str) -> bool:
        """Whether the form has the field, whatever is in it."""
        return any(key == name for key, _ in self._pairs)


async def read_body(request: Request, most: int) -> bytes:
    """The whole body.

    Raises:
        Unacceptable: it is longer than `most` bytes.
    """
    pieces, length = [], 0
    async for piece in request.stream():
        length += len(piece)
        if length > most:
            raise Unacceptable(413)
        pieces.append(piece)
    return b"".join(pieces)


async def read_form(request: Request) -> Fields:
    """A form in either of its two encodings.

    Raises:
        Unacceptable: it is too long, of another type, or broken.
    """
    kind = _kind(request)
    if kind not in {_FORM, _MULTIPART}:
        raise Unacceptable(415)
    body = await read_body(request, MOST_FORM)
    try:
        if kind == _FORM:
            form = await FormParser(request.headers, _stream(body)).parse()
        else:
            form = await MultiPartParser(request.headers, _stream(body), max_files=0, max_fields=_MOST_FIELDS).parse()
    # A charset that nobody knows is a LookupError, a boundary that is missing a KeyError.
    except (MultiPartException, FormParserError, UnicodeError, LookupError) as error:
        raise Unacceptable(400) from error
    return Fields(_texts(form))


async def read_json(request: Request) -> Fields:
    """A JSON object, as if it had come from a form: texts, and lists of texts.

    Raises:
        Unacceptable: it is too long, of another type, or no such object.
    """
    if _kind(request) != _JSON:
        raise Unacceptable(415)
    body = await read_body(request, MOST_FORM)
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unacceptable(400) from error
    if not isinstance(found, Mapping) or len(found) > _MOST_FIELDS:
        raise Unacceptable(400)
    pairs: list[tuple[str, str]] = []
    for name, value in found.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise Unacceptable(400)
        pairs += [(str(name), _storable(one)) for one in values]
    return Fields(tuple(pairs[:_MOST_FIELDS]))


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""


def _texts(form: FormData) -> tuple[tuple[str, str], ...]:
    pairs = [(name, _storable(value)) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
    return tuple(pairs[:_MOST_FIELDS])


def _storable(text: str) -> str:
    """A lone surrogate, or a zero byte, fits into no database."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
