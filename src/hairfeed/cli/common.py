"""What the commands share: the app, their options, and how they reach the ledger."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

import hairfeed
from hairfeed.errors import SettingsError, SubscriberError
from hairfeed.settings import Settings
from hairfeed.store.database import Connection, Ledger

DEFAULT_CONFIG = Path("config/hairfeed.toml")
SOMETHING_FAILED, NOTHING_STARTED = 1, 2

app = typer.Typer(
    help="Publish a site's articles: feeds for readers, digests for inboxes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def group(name: str, about: str) -> typer.Typer:
    """A group of commands, `hairfeed NAME …`."""
    commands = typer.Typer(help=about, no_args_is_help=True)
    app.add_typer(commands, name=name)
    return commands


Config = Annotated[Path, typer.Option("--config", "-c", help="The config file.")]
Now = Annotated[str | None, typer.Option("--now", metavar="INSTANT", help="Set the clock, like 2024-08-16T09:00 (rehearsal).")]
Which = Annotated[str | None, typer.Option("--newsletter", help="Which newsletter; needed where there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report for machines.")]


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


def rows(number: int) -> str:
    """So many rows, in words."""
    return f"{number:,} row{'' if number == 1 else 's'}"


def newsletter_named(name: str | None, settings: Settings) -> str:
    """The newsletter meant by --newsletter, which may be left out where there is one.

    Raises:
        SubscriberError: there is none by that name, or several without a name.
    """
    known = list(settings.newsletters)
    if name is None and len(known) == 1:
        return known[0]
    listed = ", ".join(known) or "none"
    if name is None:
        raise SubscriberError(f"which newsletter? Name one; the config has: {listed}")
    if name not in known:
        raise SubscriberError(f"{name}: no such newsletter; the config has: {listed}")
    return name
