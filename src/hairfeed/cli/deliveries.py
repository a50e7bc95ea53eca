"""`hairfeed deliveries …`: what became of the mails of an issue."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, AsJson, Config, Which, group, newsletter_named, reading, writing
from hairfeed.errors import DeliveryError
from hairfeed.models.issues import OPEN, BatchState, IssueState
from hairfeed.settings import load_settings
from hairfeed.store.database import Connection

if TYPE_CHECKING:
    from hairfeed.store.deliveries import SendingIssue

commands = group("deliveries", "What became of the mails of an issue.")

Number = Annotated[int, typer.Argument(help="The issue's number, as 'issue list' shows it.")]


class Verdict(StrEnum):
    """What the operator found out of a batch in doubt."""

    SENT = "sent"
    UNSENT = "unsent"


@commands.command(name="list")
def show(number: Number, newsletter: Which = None, config: Config = DEFAULT_CONFIG) -> None:
    """List the batches of an issue that are open or in doubt, and of those in doubt every recipient."""
    from hairfeed.store import batches, receipts

    with _issue(config, newsletter, number) as (connection, issue):
        people = defaultdict(list)
        for one in receipts.in_doubt(connection, issue.id):
            people[one.batch].append(one.email)
        found = batches.batches_in(connection, issue.id, *OPEN, BatchState.SKIPPED)
        if not found:
            print(f"issue {issue}: no batch is open or in doubt")
        for batch in found:
            when = f", called at {batch.called_at:%Y-%m-%d %H:%M:%S} UTC" if batch.called_at else ""
            recipients = f"{batch.size} recipient{'' if batch.size == 1 else 's'}"
            print(f"batch {batch.id}: {batch.state}, {recipients}, key {batch.key}{when}")
            if batch.note:
                print(f"  {batch.note}")
            for email in people[batch.id]:
                print(f"  {email}")


@commands.command()
def resolve(
    number: Number,
    batch: Annotated[int, typer.Argument(help="The batch, as 'deliveries list' names it.")],
    verdict: Annotated[
        Verdict, typer.Argument(help="sent: it went out; unsent: it did not, and is sent again unless the issue was cancelled.")
    ],
    newsletter: Which = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Settle a batch in doubt, after a look at the provider: nothing else asks whether you are right."""
    from hairfeed.store import batches

    with _issue(config, newsletter, number, change=True) as (connection, issue):
        found = batches.batch_numbered(connection, batch)
        if found is None or found.issue_id != issue.id or found.state is not BatchState.IN_DOUBT:
            raise DeliveryError(f"issue {issue} has no batch {batch} in doubt; see: hairfeed deliveries list {number}")
        unsent = BatchState.CANCELLED if issue.state is IssueState.CANCELLED else BatchState.PENDING
        state = BatchState.ACCEPTED if verdict is Verdict.SENT else unsent
        note = f"was in doubt; {verdict}, says the operator"
        if state is BatchState.PENDING:
            batches.send_again(connection, found, note)
        else:
            batches.settle(connection, found, state, note)
    print(f"batch {batch}: {state}")


@commands.command()
def receipt(number: Number, newsletter: Which = None, as_json: AsJson = False, config: Config = DEFAULT_CONFIG) -> None:
    """Print the receipt of an issue, with the reasons of those who did not get it."""
    from hairfeed.store import receipts

    with _issue(config, newsletter, number) as (connection, issue):
        found = receipts.receipt(connection, issue)
    if as_json:
        told = asdict(found) | {"refused_by": dict(found.refused_by), "left_out_by": dict(found.left_out_by)}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    print(f"{issue}: {found}")
    for what, reasons in (("refused", found.refused_by), ("left out", found.left_out_by)):
        for reason, count in reasons:
            print(f"  {what} {count}: {reason}")


@contextmanager
def _issue(
    config: Config, newsletter: str | None, number: int, *, change: bool = False
) -> Iterator[tuple[Connection, "SendingIssue"]]:
    from hairfeed.store import deliveries

    settings = load_settings(config)
    name = newsletter_named(newsletter, settings)
    with (writing if change else reading)(settings) as connection:
        issue = deliveries.issue_named(connection, name, number)
        if issue is None:
            raise DeliveryError(f"{name} {number}: there is no such issue; 'hairfeed issue list' shows them")
        yield connection, issue
