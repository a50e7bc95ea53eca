"""A fault of the config in words: the key as it stands in the file, and what is wrong with it."""

import difflib
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails


def sentence(detail: ErrorDetails, root: type[BaseModel]) -> str:
    """One validation error of the section `root` as a sentence: the key, and what is wrong."""
    where = ".".join(str(part) for part in detail["loc"] if part != "[key]")
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "missing":
        message = "is missing"
    elif detail["type"] == "extra_forbidden":
        message = "unknown key" + _hint(tuple(str(part) for part in detail["loc"]), root)
    elif detail["type"] == "string_pattern_mismatch":
        message = "has characters that are not allowed here; " + message[0].lower() + message[1:]
    # What is wrong with several sections together names its keys by itself.
    return f"{where}: {message}" if where else message


def _hint(location: tuple[str, ...], root: type[BaseModel]) -> str:
    """A key that was perhaps meant."""
    sections: list[Any] = [root]
    for part in location[:-1]:
        field = sections[0].model_fields.get(part)
        sections = (_sections_within(field.annotation) if field else []) or sections
    # Of sections that share a place, the one of this type: pydantic puts it before the key.
    of_type = [one for one in sections if location[-2:-1] and location[-2] in _types(one)]
    names = [field.alias or name for name, field in (of_type or sections)[0].model_fields.items()]
    close = difflib.get_close_matches(location[-1], names, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(names)}"


def _types(section: Any) -> tuple[str, ...]:
    """What the key `type` may be in such a section; nothing where there is none."""
    field = section.model_fields.get("type")
    return getattr(field.annotation, "__args__", ()) if field else ()


def _sections_within(annotation: Any) -> list[Any]:
    """The sections that a field of the config holds: itself, or what its dictionary or optional value is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [section for inner in getattr(annotation, "__args__", ()) for section in _sections_within(inner)]
