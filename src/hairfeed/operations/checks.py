"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one thing: what was found, and what to do about it where something is to be done."""

    name: str
    level: Level
    found: str
    do: str = ""


def ok(name: str, found: str) -> Check:
    """All is well."""
    return Check(name, Level.OK, found)


def warn(name: str, found: str, do: str) -> Check:
    """It works, and should not stay like that."""
    return Check(name, Level.WARN, found, do)


def fail(name: str, found: str, do: str) -> Check:
    """It does not work."""
    return Check(name, Level.FAIL, found, do)
