"""The config files of site generators, as far as they are plain data: YAML, TOML and JSON, and texts in Python and JavaScript."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hairfeed.errors import SourceError


def first_file(folder: Path, *names: str) -> Path | None:
    """The first of the files that is in the folder; None when none is."""
    return next((folder / name for name in names if (folder / name).is_file()), None)


def read_text(file: Path) -> str:
    """The text of a file.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{file}: cannot be read, and tells the articles' addresses: {error}") from error


def read_table(file: Path) -> Mapping[str, Any]:
    """The table in a YAML, TOML or JSON file, by its ending; empty when the file holds something else.

    Raises:
        SourceError: it cannot be read.
    """
    # Only a source that has such a file pays for the library.
    if file.suffix == ".json":
        return _parsed(file, json.loads, ValueError)
    if file.suffix == ".toml":
        import tomllib

        return _parsed(file, tomllib.loads, ValueError)
    import yaml

    return _parsed(file, lambda text: yaml.load(text, Loader=yaml.BaseLoader), yaml.YAMLError)  # noqa: S506 - only texts


def _parsed(file: Path, parse: Callable[[str], Any], fault: type[Exception]) -> Mapping[str, Any]:
    try:
        table = parse(read_text(file))
    except (fault, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{file}: cannot be read, and tells the articles' addresses: {reason}") from error
    return table if isinstance(table, dict) else {}


def lower(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with its keys in small letters: Hugo does not tell `baseURL` from `baseurl`."""
    return {str(key).lower(): value for key, value in table.items()}


def subtable(table: Any, key: str) -> Mapping[str, Any]:
    """The table that stands under the key; empty when there is none."""
    inner = table.get(key) if isinstance(table, dict) else None
    return inner if isinstance(inner, dict) else {}


def string(table: Mapping[str, Any], key: str) -> str:
    """What stands under the key as text: "" when it is nothing or no single value."""
    value = table.get(key)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, dict | list) else str(value)


def assigned(conf: str, name: str) -> str | None:
    """The text that Python source assigns to a name at last; None when it is no plain text."""
    found = re.findall(rf"^{name}\s*=\s*[rRuU]?(['\"])(.*?)\1[ \t]*(?:#.*)?$", conf, re.MULTILINE)
    return found[-1][1] if found else None


def assigned_list(conf: str, name: str) -> list[str] | None:
    """The texts in a list that Python source assigns to a name; None when it assigns none."""
    found = re.search(rf"^{name}\s*=\s*[\[(]([^\])]*)[\])]", conf, re.MULTILINE)
    return [text for _, text in re.findall(r"(['\"])(.*?)\1", found[1])] if found else None


def property_text(source: str, name: str) -> str:
    """The first plain text that JavaScript source gives a property; "" when there is none."""
    found = re.search(rf"\b{name}[\"']?\s*:\s*([\"'`])([^\"'`$]*)\1", source)
    return found[2] if found else ""
