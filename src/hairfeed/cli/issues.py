"""`hairfeed issue …`: what will be sent and what was; looking at it, approving it, stopping it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, AsJson, Config, Now, clock, existing, group, writing
from hairfeed.errors import IssueError
from hairfeed.settings import Settings, load_settings
from hairfeed.store.database import Connection, Ledger

if TYPE_CHECKING:
    from hairfeed.store.issues import IssueRow

commands = group("issue", "What will be sent, and what was.")

Newsletter = Annotated[str, typer.Argument(help="The newsletter's name in the config.")]
Number = Annotated[int, typer.Argument(help="The issue's number, as 'issue list' shows it.")]


@commands.command()
def plan(newsletter: Newsletter, config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Show what would be sent, to how many, when and how. Nothing is changed."""
    from hairfeed.cli.plan_lines import plan_as_json, plan_lines
    from hairfeed.digest.stage import next_issue

    with _reading(config, newsletter) as (settings, ledger):
        material, planned = next_issue(ledger, settings, newsletter, clock(now, settings))
    if as_json:
        print(json.dumps(plan_as_json(settings, material, planned), ensure_ascii=False, indent=2))
    else:
        print(*plan_lines(settings, material, planned), sep="\n")


@commands.command()
def preview(
    newsletter: Newsletter,
    to: Annotated[Path, typer.Option("--to", help="The folder to write to; made if it is not there.")],
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Write the issue as HTML, text, mail and pictures, to look at. Nothing in the ledger is changed."""
    from hairfeed.digest.stage import next_issue
    from hairfeed.preview.browser import BROWSERS, Browser, find_browser
    from hairfeed.preview.files import write_preview

    with _reading(config, newsletter) as (settings, ledger):
        instant = clock(now, settings)
        _, planned = next_issue(ledger, settings, newsletter, instant)
    if planned is None:
        raise _nothing(newsletter)
    found = find_browser()
    for path in write_preview(settings, planned, to, instant, Browser(found) if found else None):
        print(f"wrote {path}")
    if not found:
        print(f"no pictures: no browser is installed; install Chromium or Chrome (looked for {', '.join(BROWSERS)})")


@commands.command("test")
def send_test(
    newsletter: Newsletter,
    to: Annotated[str, typer.Option("--to", help="Whose address.")],
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Send the issue as it would be now to one address, through the configured provider. Nothing in the ledger is changed."""
    from hairfeed.digest.stage import next_issue
    from hairfeed.preview import mails
    from hairfeed.subscribers.subscriptions import address

    with _reading(config, newsletter) as (settings, ledger):
        instant = clock(now, settings)
        _, planned = next_issue(ledger, settings, newsletter, instant)
    if planned is None:
        raise _nothing(newsletter)
    recipient = address(to)
    destination = mails.send_test(settings, planned, recipient, instant)
    print(f"{newsletter} {planned.number}: test mail to {recipient} by {settings.mail.provider} ({destination})")


@commands.command()
def approve(
    newsletter: Newsletter,
    plan_hash: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's hash, as 'issue plan' shows it.")],
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Let a draft be sent by the next pass, exactly as the plan has it; refused when anything has changed since."""
    from hairfeed.digest import stage

    with _reading(config, newsletter) as (settings, ledger):
        approved = stage.approve(ledger, settings, newsletter, plan_hash, clock(now, settings))
    print(f"{newsletter} {approved.number}: approved; the next pass sends it to {approved.readers}")


@commands.command("list")
def list_issues(
    newsletter: Annotated[str | None, typer.Argument(help="Only those of this newsletter.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 20,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show issues, newest first: newsletter, number, due day, state, articles, subject."""
    from hairfeed.store import issues

    with _reading(config, newsletter) as (settings, ledger), ledger.read() as connection:
        rows = issues.listed(connection, limit, newsletter)
    for one in rows:
        due_on = one.due_at.astimezone(settings.zone_of(one.newsletter)).date()
        print(f"{one.newsletter}  {one.number:>4}  {due_on}  {one.state:<9}  {one.articles:>3}  {one.subject}")


@commands.command()
def show(newsletter: Newsletter, number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Show all that is known of an issue: its articles, its variants, its receipt."""
    from hairfeed.cli.plan_lines import issue_lines

    with _reading(config, newsletter) as (settings, ledger), ledger.read() as connection:
        lines = list(issue_lines(connection, _the_issue(connection, newsletter, number), settings.zone_of(newsletter)))
    print(*lines, sep="\n")


@commands.command()
def cancel(newsletter: Newsletter, number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Stop an issue for good. Where nobody got it, its articles are free for the next one."""
    from hairfeed.store import issues

    with _one_changed(config, newsletter, number) as (connection, issue):
        released = issues.cancel(connection, issue.id)
        if released is None:
            raise IssueError(f"{newsletter} {number}: is {issue.state}; there is nothing left to cancel")
    said = "nobody got it, and its articles wait for the next issue" if released else "what was not submitted stays unsent"
    print(f"{newsletter} {number}: cancelled; {said}")


@commands.command()
def pause(newsletter: Newsletter, number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Let an issue that is on its way wait, until 'issue resume'."""
    from hairfeed.store import deliveries

    _change(config, newsletter, number, deliveries.pause, "paused", "only an issue that is being sent can be paused")


@commands.command()
def resume(newsletter: Newsletter, number: Number, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Let a paused issue go on with the next pass. After a storm of bounces its newsletter goes on, too."""
    from hairfeed.store import deliveries, storms

    def go_on(connection: Connection, issue_id: int) -> bool:
        is_over = storms.end(connection, newsletter, clock(now, load_settings(config)))
        return deliveries.resume(connection, issue_id) or is_over

    _change(config, newsletter, number, go_on, "goes on with the next pass", "only a paused issue can be resumed")


def _change(
    config: Path, newsletter: str, number: int, change: Callable[[Connection, int], bool], done: str, otherwise: str
) -> None:
    with _one_changed(config, newsletter, number) as (connection, issue):
        if not change(connection, issue.id):
            raise IssueError(f"{newsletter} {number}: is {issue.state}; {otherwise}")
    print(f"{newsletter} {number}: {done}")


@contextmanager
def _reading(config: Path, newsletter: str | None) -> Iterator[tuple[Settings, Ledger]]:
    """The config with this newsletter, and the ledger as it is: neither made nor migrated."""
    settings = load_settings(config)
    if newsletter is not None and newsletter not in settings.newsletters:
        raise IssueError(f"{newsletter}: no such newsletter; the config has: {', '.join(settings.newsletters) or 'none'}")
    with existing(settings) as ledger:
        yield settings, ledger


@contextmanager
def _one_changed(config: Path, newsletter: str, number: int) -> Iterator[tuple[Connection, "IssueRow"]]:
    """A transaction in which this issue is changed."""
    with writing(load_settings(config)) as connection:
        yield connection, _the_issue(connection, newsletter, number)


def _the_issue(connection: Connection, newsletter: str, number: int) -> "IssueRow":
    from hairfeed.store import issues

    found = issues.listed(connection, 1, newsletter, number)
    if not found:
        raise IssueError(f"{newsletter} {number}: there is no such issue; 'hairfeed issue list' shows them")
    return found[0]


def _nothing(newsletter: str) -> IssueError:
    return IssueError(f"{newsletter}: there is nothing to send yet; 'hairfeed issue plan {newsletter}' says why")
