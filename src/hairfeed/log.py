"""The log: a line an event, with a fixed word and facts as key=value. It names by ids and short words, never by addresses.

What is no number and no short plain word is left out as `…`, so that no address, title or token gets in by accident.
"""

import logging
import re
import sys
import threading
import time
import traceback
from pathlib import Path

_LOGGER = logging.getLogger("hairfeed.events")
_WORD = re.compile(r"[A-Za-z0-9_.:+/-]{1,40}")

_ADDRESS = re.compile(r"[^\s<>()\"',;/]+@[^\s<>()\"',;]+")

Fact = str | float | None


class _Line(logging.Formatter):
    """`2026-11-24T09:00:00Z level=info event=pass_done run=12 seconds=0.4`."""

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Fact] = getattr(record, "facts", {})
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        shown = "".join(f" {name}={_plain(value)}" for name, value in facts.items())
        return f"{at} level={record.levelname.lower()} event={record.getMessage()}{shown}"


class _WithoutAddresses(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))


def _plain(value: Fact) -> str:
    text = str(value)
    return text if not isinstance(value, str) or _WORD.fullmatch(text) else "…"


def begin(level: str, file: Path | None) -> None:
    """Log what is at least of this level (`info`, `warning`, `error`) to the file, or to standard error.

    A file that is moved away, as logrotate does, is begun anew.

    Raises:
        OSError: the file cannot be written.
    """
    handler: logging.Handler = logging.StreamHandler()
    if file is not None:
        # Its import brings sockets and more: only who has a file pays.
        from logging.handlers import WatchedFileHandler

        file.parent.mkdir(parents=True, exist_ok=True)
        handler = WatchedFileHandler(file, encoding="utf-8")
    handler.setFormatter(_Line())
    end()
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(level.upper())
    _LOGGER.propagate = False


def end() -> None:
    """Log no more."""
    for handler in _LOGGER.handlers[:]:
        _LOGGER.removeHandler(handler)
        handler.close()


def event(word: str, **facts: Fact) -> None:
    """Something happened as it should."""
    _write(logging.INFO, word, facts)


def trouble(word: str, **facts: Fact) -> None:
    """Something happened that the operator should look at."""
    _write(logging.WARNING, word, facts)


def _write(level: int, word: str, facts: dict[str, Fact]) -> None:
    # Until `begin` was called nobody reads it.
    if _LOGGER.handlers and _LOGGER.isEnabledFor(level):
        _LOGGER.log(level, word, extra={"facts": facts})


def without_addresses(text: str) -> str:
    """The text with `…` for what may be somebody's address."""
    return _ADDRESS.sub("…", text)


def show_fault(error: BaseException) -> None:
    """Write the traceback of a fault of ours to standard error. A server keeps what is written there, so it names nobody."""
    sys.stderr.write(without_addresses("".join(traceback.format_exception(error))))


def hide_addresses() -> None:
    """From now on what libraries log and what threads die of name no addresses either."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_WithoutAddresses())
    threading.excepthook = lambda died: show_fault(died.exc_value) if died.exc_value else None
