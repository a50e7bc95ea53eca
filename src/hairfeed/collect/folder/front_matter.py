"""What a page says of itself above its text: YAML, TOML, JSON or Pelican's header lines. Every value stays a text."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml

from hairfeed.errors import PageError

LONGEST = 50_000
"""Characters; a parser takes long over more, and no author writes them."""

NO, YES = frozenset({"false", "no", "off"}), frozenset({"true", "yes", "on"})

_YAML_OR_TOML = re.compile(r"(---|\+\+\+)[ \t]*\n(?P<front>.*?\n)?\1[ \t]*(\n|$)", re.DOTALL)
_FENCED_JSON = re.compile(r"---json[ \t]*\n(?P<front>.*?\n)?---[ \t]*(\n|$)", re.DOTALL)
_FENCE = re.compile(r"(---|\+\+\+)[ \t]*\n")
_TELLING = re.compile(r"(title|date)\s*[:=]", re.IGNORECASE)
_BARE_JSON = re.compile(r'\{\s*"')
_HEADER = re.compile(r"(?P<key>[A-Za-z][\w-]{0,40}):(?:[ \t]+(?P<value>.*))?")
# A text may begin with a word and a colon; a header tells at least one of these.
_HEADERS_TELL = frozenset({"title", "date"})


class FrontMatter:
    """The keys of a page, whatever case they are written in: Hugo and Pelican do not tell `pubDate` from `PubDate`."""

    def __init__(self, table: dict[Any, Any]) -> None:
        """`table` holds texts, lists and tables of them."""
        self._values = {str(key).lower(): value for key, value in table.items()}

    def text(self, *keys: str) -> str | None:
        """The first of the keys that has a value, as text.

        Raises:
            PageError: a list or a table stands where a text belongs.
        """
        return next(filter(None, (_one_text(self._values.get(key.lower()), key) for key in keys)), None)

    def texts(self, *keys: str) -> tuple[str, ...]:
        """The first of the keys that has a value, as texts: of a list its items, else the one value; of a person the name.

        Raises:
            PageError: a list or a table stands where a text belongs.
        """
        return next(filter(None, (tuple(self._items(key)) for key in keys)), ())

    def is_list(self, key: str) -> bool:
        """Whether the key holds several values that its author told apart."""
        return isinstance(self._values.get(key.lower()), list)

    def inner(self, key: str, *inner_keys: str) -> str | None:
        """A text as such, or the first of the inner keys that has one in the table that stands there instead."""
        value = self._first(key)
        return self.table(key).text(*inner_keys) if isinstance(value, dict) else _one_text(value, key) or None

    def table(self, key: str) -> "FrontMatter":
        """The table that stands there, or the first of several; empty when there is none."""
        value = self._first(key)
        return FrontMatter(value if isinstance(value, dict) else {})

    def says_yes(self, *keys: str) -> bool:
        """Whether one of the keys is there and says yes."""
        return any(self._word(key) in YES for key in keys)

    def says_no(self, *keys: str) -> bool:
        """Whether one of the keys is there and says no."""
        return any(self._word(key) in NO for key in keys)

    def _first(self, key: str) -> Any:
        value = self._values.get(key.lower())
        return value[0] if isinstance(value, list) and value else value

    def _word(self, key: str) -> str:
        value = self._values.get(key.lower())
        return "" if isinstance(value, dict | list) else _one_text(value, key).lower()

    def _items(self, key: str) -> Iterator[str]:
        value = self._values.get(key.lower())
        for item in value if isinstance(value, list) else [value]:
            if text := _one_text(item, key):
                yield text


def split(text: str, *, loose: bool = False) -> tuple[FrontMatter, str]:
    """A page's front matter and the text below it; lines end in a line feed.

    `loose`: between `---` may stand Pelican's header lines too, which need no quotes where YAML does.

    Raises:
        PageError: the front matter is broken; with its line, where the parser tells.
    """
    if fence := _FENCED_JSON.match(text):
        return _front(_json(fence["front"] or "")[0]), text[fence.end() :]
    if fence := _YAML_OR_TOML.match(text):
        return _front(_fenced(fence, loose=loose)), text[fence.end() :]
    if (fence := _FENCE.match(text)) and _tells(text[fence.end() :]):
        raise PageError(f"has front matter without an end; write a line '{fence[1]}' below it")
    if _BARE_JSON.match(text):
        table, end = _json(text)
        return _front(table), text[end:].lstrip("\n")
    return _headers(text)


def _tells(text: str) -> bool:
    """Whether a title or a date stands above the first empty line, as no text has them: a page may begin with a rule, too."""
    return any(_TELLING.match(line) for line in text.partition("\n\n")[0].split("\n"))


class _Loader(yaml.BaseLoader):
    """Which of two titles or dates is meant nobody can tell; of other keys the last counts, as generators have it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in _HEADERS_TELL & seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} stands there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _front(table: Any) -> FrontMatter:
    if not isinstance(table, dict | None):
        raise PageError("has front matter that is no list of 'key: value' lines")
    return FrontMatter(table or {})


def _fenced(fence: re.Match[str], *, loose: bool) -> Any:
    _limit(len(fence["front"] or ""))
    lines = (fence["front"] or "").split("\n")
    if loose and fence[1] == "---" and (table := _header_table(lines)) is not None:
        return table
    # An empty line in the fence's place: the parsers then count lines as the file does.
    front = "\n" + (fence["front"] or "")
    try:
        # Every value stays a text: a title may be 1.10, a language no, and a date is read by our own rules.
        return tomllib.loads(front, parse_float=str) if fence[1] == "+++" else yaml.load(front, Loader=_Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise PageError(f"has front matter that cannot be read: {error.problem}{line}") from error
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        raise _unreadable(error) from error
    except RecursionError as error:
        raise _too_deep() from error


def _json(text: str) -> tuple[Any, int]:
    """The value that `text` begins with, and where it ends."""
    # From its first character: the decoder takes no white space before a value.
    start = len(text) - len(text.lstrip())
    try:
        return json.JSONDecoder(parse_float=str, parse_int=str).raw_decode(text, start)
    except ValueError as error:
        raise _unreadable(error) from error
    except RecursionError as error:
        raise _too_deep() from error


def _limit(length: int) -> None:
    if length > LONGEST:
        raise PageError(f"has front matter of {length:,} characters; {LONGEST:,} are the most that is read")


def _unreadable(error: Exception) -> PageError:
    return PageError(f"has front matter that cannot be read: {' '.join(str(error).split())}")


def _too_deep() -> PageError:
    return PageError("has front matter that cannot be read: its lists stand too deep in each other")


def _headers(text: str) -> tuple[FrontMatter, str]:
    """Pelican's form: `Key: value` lines up to the first empty one; what is indented goes on with the value above."""
    head, _, body = text.partition("\n\n")
    table = _header_table(head.split("\n"))
    if table is None or not _HEADERS_TELL & table.keys():
        return FrontMatter({}), text
    return FrontMatter(table), body


def _header_table(lines: list[str]) -> dict[str, str] | None:
    """The lines as keys and values; None when one of them is neither a header nor goes on with one."""
    values: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        if header := _HEADER.fullmatch(line):
            key = header["key"].lower()
            values[key] = [header["value"] or ""]
        elif key and line.startswith((" ", "\t")) and not line.lstrip().startswith("- "):
            values[key].append(line)
        elif line.strip():
            return None
    return {name: " ".join(" ".join(parts).split()) for name, parts in values.items()}


def _one_text(value: Any, key: str) -> str:
    if isinstance(value, dict) and "name" in value:
        value = value["name"]
    if value in (None, [], {}):
        return ""
    if isinstance(value, dict | list):
        raise PageError(f"has front matter whose '{key}' is no text")
    try:
        # An escape in quotes makes half a character, which no database keeps.
        return str(value).encode("utf-8", "replace").decode().strip()
    except ValueError as error:
        raise PageError(f"has front matter whose '{key}' is no text") from error
