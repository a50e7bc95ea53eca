"""What the commands share: the app, their options, and how they reach the ledger."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import hairfeed
from hairfeed.errors import IssueError, SettingsError
from hairfeed.settings import Settings
from hairfeed.settings.sample import left_over
from hairfeed.store.database import Connection, Ledger

DEFAULT_CONFIG = Path("config/hairfeed.toml")
SOMETHING_FAILED, NOTHING_STARTED = 1, 2

_ORDER = ("init", "check", "run", "up", "serve", "work", "status", "doctor", "metrics", "backup", "restore", "prune", "store")
"""As a publication needs them; the others are groups, by their names."""


class _InOrder(TyperGroup):
    """The commands as people need them, not as they were written."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names in the order of the help."""
        return sorted(super().list_commands(ctx), key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))


app = typer.Typer(
    cls=_InOrder,
    help="Publish a site's articles: feeds for readers, digests for inboxes.",
    epilog="Ends with 0: done, 1: something failed or was not as asked, 2: nothing could start.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def group(name: str, about: str) -> typer.Typer:
    """A group of commands, `hairfeed NAME …`."""
    commands = typer.Typer(help=about, no_args_is_help=True)
    app.add_typer(commands, name=name)
    return commands


Config = Annotated[Path, typer.Option("--config", "-c", envvar="HAIRFEED_CONFIG", help="The config file.")]
Now = Annotated[str | None, typer.Option("--now", metavar="INSTANT", help="Set the clock, like 2024-08-16T09:00 (rehearsal).")]
Which = Annotated[str | None, typer.Option("--newsletter", help="Which newsletter; needed where there are several.")]
Newsletter = Annotated[str | None, typer.Argument(metavar="NEWSLETTER", help="Its name; needed where there are several.")]
Issue = Annotated[
    list[str], typer.Argument(metavar="ISSUE", help="Its number, or newsletter and number, like weekly 12; see 'issues list'.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it for machines.")]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False) -> None:
    if version:
        print(f"hairfeed {hairfeed.__version__}")
        raise typer.Exit


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """A look at the ledger, in one state from beginning to end."""
    from hairfeed.store.database import open_ledger

    with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger, ledger.read() as connection:
        yield connection


@contextmanager
def reading_readers(settings: Settings) -> Iterator[Connection]:
    """As `reading`, with everybody there of an import that was decided on: should its process be gone, they come in first."""
    from hairfeed.store import incoming
    from hairfeed.store.database import open_ledger

    with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger:
        incoming.complete(ledger)
        with ledger.read() as connection:
            yield connection


@contextmanager
def writing(settings: Settings) -> Iterator[Connection]:
    """A transaction on the ledger."""
    from hairfeed.store.database import open_ledger

    with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger, ledger.write() as connection:
        yield connection


@contextmanager
def existing(settings: Settings) -> Iterator[Ledger]:
    """The ledger as it is: neither made nor migrated."""
    from hairfeed.store.database import existing_ledger

    with closing(existing_ledger(settings.store.url, settings.store.lock_timeout)) as ledger:
        yield ledger


def warn_of_sample(settings: Settings, config: Path) -> None:
    """Say on standard error what of the config is still to be filled in."""
    if left := left_over(settings):
        print(f"warning: {config}: still the sample's: {', '.join(left)}; write your own", file=sys.stderr)


def begin_log(settings: Settings) -> None:
    """Log from now on, where the config says so.

    Raises:
        SettingsError: the log's file cannot be written.
    """
    if settings.log is None:
        return
    from hairfeed import log

    try:
        log.begin(settings.log.level, settings.log.file)
    except OSError as error:
        raise SettingsError([f"log.file: {error.filename or settings.log.file}: cannot be written: {error.strerror}"]) from error


def clock(now: str | None, settings: Settings) -> datetime:
    """The instant meant by --now: without a zone it is in the site's."""
    if now is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(now)
    except ValueError as error:
        raise typer.BadParameter(f"{now!r} is no instant; write it like 2024-08-16T09:00", param_hint="--now") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=settings.site.timezone)).astimezone(UTC)


def plain(text: str) -> str:
    """With nothing in it that a terminal would obey, whoever wrote it."""
    return "".join(one if one.isprintable() or one == "\t" else "\N{REPLACEMENT CHARACTER}" for one in text)


def name_width(settings: Settings) -> int:
    """Characters of the longest newsletter's name, which makes a column of them."""
    return max(map(len, settings.newsletters), default=0)


def rows(number: int) -> str:
    """So many rows, in words."""
    return f"{number:,} row{'' if number == 1 else 's'}"


def print_json(value: object) -> None:
    """Print it for machines: instants and dates as RFC 3339 has them."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def newsletter_named(name: str | None, settings: Settings) -> str:
    """The newsletter that is meant, whose name may be left out where there is one.

    Raises:
        IssueError: there is none by that name, or several without a name.
    """
    if name is not None and name not in settings.newsletters:
        raise IssueError(f"{name}: no such newsletter; the config has: {_known(settings)}")
    return name or _only_newsletter(settings)


def issue_named(words: Sequence[str], settings: Settings) -> tuple[str, int]:
    """The newsletter and the number that `weekly 12` or `12` means. The newsletter may have left the config.

    Raises:
        IssueError: it is no such thing, or there are several newsletters without a name.
    """
    *names, number = words
    if len(names) > 1 or not (number.isascii() and number.isdigit()):
        raise IssueError(f"{' '.join(words)!r} is no issue; write a number, or a newsletter and a number, like weekly 12")
    return names[0] if names else _only_newsletter(settings), int(number)


def _only_newsletter(settings: Settings) -> str:
    if len(settings.newsletters) != 1:
        raise IssueError(f"which newsletter? Name one; the config has: {_known(settings)}")
    return next(iter(settings.newsletters))


def _known(settings: Settings) -> str:
    return ", ".join(settings.newsletters) or "none"
