"""`hairfeed subscribers import` and `export`: lists of readers, in and out."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, Config, Now, Which, clock, reading_readers, rows
from hairfeed.cli.subscribers import commands
from hairfeed.errors import SubscriberError
from hairfeed.settings import load_settings


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, or JSON of listmonk's API; plain, .gz, or a .zip as a service gives it.")],
    newsletter: Which = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    made_by: Annotated[
        str | None,
        typer.Option(
            "--from", help="hairfeed, mailchimp, listmonk, listmonk-lists, buttondown, ghost, substack or csv; else found out."
        ),
    ] = None,
    columns: Annotated[str | None, typer.Option("--map", help="Columns by field, like email=E-Mail,name=Who.")] = None,
    lists: Annotated[
        str | None, typer.Option("--lists", help="Newsletters by lists, like News=weekly,Old=; nothing: left out.")
    ] = None,
    consent: Annotated[str | None, typer.Option(help="By what right you mail those without a proof; kept as theirs.")] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Have passes mail those who come in pending a link to confirm, web.ask_per_day.")
    ] = False,
    encoding: Annotated[str | None, typer.Option(help="Like utf-8 or cp1252; else found out.")] = None,
    separator: Annotated[str | None, typer.Option(help="Between cells; else found out.")] = None,
    rejected: Annotated[Path | None, typer.Option(help="Where rejected rows go; else FILE.rejected.csv.")] = None,
    afresh: Annotated[bool, typer.Option("--afresh", help="Drop an import that has not come to its end.")] = False,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Take a list of readers in, all of it or nothing. Repeat the command after it was ended: it goes on.

    Confirmed come in those with a time of confirming in the list, or all whom you vouch for by --consent; others are pending,
    and are not mailed. Who has left, is suppressed or was erased here stays so, whatever the list says.
    """
    from rich.console import Console

    from hairfeed.cli.import_lines import outcome_lines, what_it_is
    from hairfeed.report import ProgressBar
    from hairfeed.store.database import open_ledger
    from hairfeed.subscribers.transfer import importing, parts
    from hairfeed.subscribers.transfer.dialects import DIALECTS
    from hairfeed.subscribers.transfer.source import Asked

    settings = load_settings(config)
    if made_by is not None and made_by not in DIALECTS:
        raise SubscriberError(f"--from: {made_by!r} is not known; there are {', '.join(DIALECTS)}")
    if consent is not None and not consent.strip():
        raise SubscriberError("--consent: say by what right, for example: they subscribed at example.com, with double opt-in")
    asked = Asked(made_by, _pairs(columns, "--map"), _separator(separator))
    wishes = importing.Wishes(newsletter, _pairs(lists, "--lists"), consent, ask, asked)
    ledger = open_ledger(settings.store.url, settings.store.lock_timeout)
    try:
        with ProgressBar(Console(stderr=True)) as bar:
            found = parts.open_list(file, encoding)
            for line in what_it_is(found, wishes):
                print(line)
            if dry_run:
                outcome = importing.look_through(ledger, settings, found, wishes, bar, clock(now, settings))
            else:
                where = rejected or file.with_name(f"{file.name.removesuffix('.csv')}.rejected.csv")
                outcome = importing.take_in(ledger, settings, found, wishes, where, bar, clock(now, settings), afresh=afresh)
    finally:
        ledger.close()
    for line in outcome_lines(outcome, dry_run=dry_run):
        print(line)
    if outcome.counts.refused:
        raise typer.Exit(SOMETHING_FAILED)


@commands.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to, for your eyes alone; else, or with -, it is printed.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Everything that is known of readers, as CSV that 'import' takes: subscriptions, proofs, suppressions, erased ones by hash."""
    from hairfeed.files import private_file
    from hairfeed.subscribers.transfer import exporting

    with reading_readers(load_settings(config)) as connection:
        if file is None or str(file) == "-":
            if isinstance(sys.stdout, TextIOWrapper):
                # The same bytes on every machine.
                sys.stdout.reconfigure(encoding="utf-8", newline="")
            exporting.write(connection, sys.stdout)
            return
        try:
            with private_file(file) as table:
                number = exporting.write(connection, table)
        except OSError as error:
            raise SubscriberError(f"{file}: cannot be written: {error.strerror}") from error
    print(f"{file}: {rows(number)}; it holds readers' addresses: keep it safe")


def _pairs(text: str | None, option: str) -> dict[str, str]:
    """`one=other,…` as a dictionary."""
    found = {}
    for pair in (text or "").split(",") if text else ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise SubscriberError(f"{option}: {pair!r} is no pair; write it like name=value,name=value")
        found[name.strip()] = value.strip()
    return found


def _separator(text: str | None) -> str | None:
    if text is None:
        return None
    mark = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(mark) != 1 or mark in '"\r\n':
        raise SubscriberError(f"--separator: {text!r} is no separator; write one character, or tab")
    return mark
