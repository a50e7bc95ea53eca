"""`hairfeed deliveries …`: what became of the mails of an issue."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, AsJson, Config, Issue, group, issue_named, print_json, reading, writing
from hairfeed.errors import DeliveryError
from hairfeed.models.issues import OPEN, BatchState, IssueState
from hairfeed.settings import load_settings
from hairfeed.store.database import Connection

if TYPE_CHECKING:
    from hairfeed.store.deliveries import SendingIssue

commands = group("deliveries", "What became of the mails of an issue.")


class Verdict(StrEnum):
    """What the operator found out of a batch in doubt."""

    SENT = "sent"
    UNSENT = "unsent"


@commands.command(name="list")
def show(issue: Issue, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the batches of an issue that are open or in doubt, and of those in doubt every recipient."""
    from hairfeed.store import batches, receipts

    with _named(config, issue) as (connection, found):
        people = defaultdict(list)
        for one in receipts.in_doubt(connection, found.id):
            people[one.batch].append(one.email)
        listed = batches.batches_in(connection, found.id, *OPEN, BatchState.SKIPPED)
    if as_json:
        shown = ("id", "state", "size", "key", "called_at", "note")
        print_json([{name: getattr(one, name) for name in shown} | {"in_doubt": people[one.id]} for one in listed])
        return
    if not listed:
        print(f"issue {found}: no batch is open or in doubt")
    for batch in listed:
        when = f", called at {batch.called_at:%Y-%m-%d %H:%M:%S} UTC" if batch.called_at else ""
        recipients = f"{batch.size} recipient{'' if batch.size == 1 else 's'}"
        print(f"batch {batch.id}: {batch.state}, {recipients}, key {batch.key}{when}")
        if batch.note:
            print(f"  {batch.note}")
        for email in people[batch.id]:
            print(f"  {email}")


@commands.command()
def resolve(
    issue: Issue,
    batch: Annotated[int, typer.Argument(metavar="BATCH", help="Its number, as 'deliveries list' names it.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="sent: it went out; unsent: it did not, and is sent again unless the issue was cancelled.")
    ],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Settle a batch in doubt, after a look at the provider: nothing else asks whether you are right."""
    from hairfeed.store import batches

    with _named(config, issue, change=True) as (connection, found):
        meant = batches.batch_numbered(connection, batch)
        if meant is None or meant.issue_id != found.id or meant.state is not BatchState.IN_DOUBT:
            raise DeliveryError(f"issue {found} has no batch {batch} in doubt; see: hairfeed deliveries list {found}")
        unsent = BatchState.CANCELLED if found.state is IssueState.CANCELLED else BatchState.PENDING
        state = BatchState.ACCEPTED if verdict is Verdict.SENT else unsent
        note = f"was in doubt; {verdict}, says the operator"
        if state is BatchState.PENDING:
            batches.send_again(connection, meant, note)
        else:
            batches.settle(connection, meant, state, note)
    print(f"batch {batch}: {state}")


@commands.command()
def receipt(issue: Issue, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Print the receipt of an issue, with the reasons of those who did not get it."""
    from hairfeed.store import receipts

    with _named(config, issue) as (connection, named):
        found = receipts.receipt(connection, named)
    if as_json:
        print_json(found.as_json())
        return
    print(f"{named}: {found}")
    for what, reasons in (("refused", found.refused_by), ("left out", found.left_out_by)):
        for reason, count in reasons:
            print(f"  {what} {count}: {reason}")


@contextmanager
def _named(config: Config, words: Sequence[str], *, change: bool = False) -> Iterator[tuple[Connection, "SendingIssue"]]:
    from hairfeed.store import deliveries

    settings = load_settings(config)
    newsletter, number = issue_named(words, settings)
    with (writing if change else reading)(settings) as connection:
        issue = deliveries.issue_named(connection, newsletter, number)
        if issue is None:
            raise DeliveryError(f"{newsletter} {number}: there is no such issue; 'hairfeed issues list' shows them")
        yield connection, issue
