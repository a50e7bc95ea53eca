"""`hairfeed issues …`: what will be sent and what was; looking at it, approving it, stopping it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    Config,
    Issue,
    Newsletter,
    Now,
    clock,
    existing,
    group,
    issue_named,
    name_width,
    newsletter_named,
    print_json,
    writing,
)
from hairfeed.errors import IssueError
from hairfeed.settings import Settings, load_settings
from hairfeed.store.database import Connection, Ledger

if TYPE_CHECKING:
    from hairfeed.store.issues import IssueRow

commands = group("issues", "What will be sent, and what was.")


@commands.command()
def plan(newsletter: Newsletter = None, config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Show what would be sent, to how many, when and how. Nothing is changed."""
    from hairfeed.cli.plan_lines import plan_as_json, plan_lines
    from hairfeed.digest.stage import next_issue

    with _reading(config, newsletter) as (settings, ledger, name):
        material, planned = next_issue(ledger, settings, name, clock(now, settings))
    if as_json:
        print_json(plan_as_json(settings, material, planned))
    else:
        print(*plan_lines(settings, material, planned), sep="\n")


@commands.command()
def preview(
    to: Annotated[Path, typer.Option("--to", help="The folder to write to; made if it is not there.")],
    newsletter: Newsletter = None,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Write the issue as HTML, text, mail and pictures, to look at. Nothing in the ledger is changed."""
    from hairfeed.digest.stage import next_issue
    from hairfeed.preview.browser import BROWSERS, Browser, find_browser
    from hairfeed.preview.files import write_preview

    with _reading(config, newsletter) as (settings, ledger, name):
        instant = clock(now, settings)
        _, planned = next_issue(ledger, settings, name, instant)
    if planned is None:
        raise _nothing(name)
    found = find_browser()
    for path in write_preview(settings, planned, to, instant, Browser(found) if found else None):
        print(f"wrote {path}")
    if not found:
        print(f"no pictures: no browser is installed; install Chromium or Chrome (looked for {', '.join(BROWSERS)})")


@commands.command("test")
def send_test(
    to: Annotated[str, typer.Option("--to", help="Whose address.")],
    newsletter: Newsletter = None,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Send the issue as it would be now to one address, through the configured provider. Nothing in the ledger is changed."""
    from hairfeed.digest.stage import next_issue
    from hairfeed.preview import mails
    from hairfeed.subscribers.subscriptions import address

    with _reading(config, newsletter) as (settings, ledger, name):
        instant = clock(now, settings)
        _, planned = next_issue(ledger, settings, name, instant)
    if planned is None:
        raise _nothing(name)
    recipient = address(to)
    destination = mails.send_test(settings, planned, recipient, instant)
    print(f"{name} {planned.number}: test mail to {recipient} by {settings.mail.provider} ({destination})")


@commands.command()
def approve(
    plan: Annotated[
        list[str], typer.Argument(metavar="PLAN", help="Its hash, or newsletter and hash; 'issues plan' ends with it.")
    ],
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Let a draft be sent by the next pass, exactly as the plan has it; refused when anything has changed since."""
    from hairfeed.digest import stage

    *names, plan_hash = plan
    if len(names) > 1:
        raise IssueError(f"{' '.join(plan)!r} is no plan; write its hash, or a newsletter and the hash")
    with _reading(config, *names) as (settings, ledger, name):
        approved = stage.approve(ledger, settings, name, plan_hash, clock(now, settings))
    print(f"{name} {approved.number}: approved; the next pass sends it to {approved.readers}")


@commands.command("list")
def list_issues(
    newsletter: Annotated[str | None, typer.Argument(metavar="NEWSLETTER", help="Only those of this newsletter.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 20,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show issues, newest first: newsletter, number, due day, state, articles, subject."""
    from hairfeed.store import issues

    settings = load_settings(config)
    with existing(settings) as ledger, ledger.read() as connection:
        rows = issues.listed(connection, limit, newsletter)
    if newsletter is not None and not rows:
        # It may have left the config and still have issues; without any, it is a slip.
        newsletter_named(newsletter, settings)
    if as_json:
        print_json([asdict(one) for one in rows])
        return
    width = name_width(settings)
    for one in rows:
        due_on = one.due_at.astimezone(settings.zone_of(one.newsletter)).date()
        print(f"{one.newsletter:<{width}}  {one.number:>4}  {due_on}  {one.state:<9}  {one.articles:>3}  {one.subject}")


@commands.command()
def show(issue: Issue, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show all that is known of an issue: its articles, its variants, its receipt."""
    from hairfeed.cli.plan_lines import issue_as_json, issue_lines

    settings = load_settings(config)
    newsletter, number = issue_named(issue, settings)
    with existing(settings) as ledger, ledger.read() as connection:
        found = _the_issue(connection, newsletter, number)
        if as_json:
            print_json(issue_as_json(connection, found))
        else:
            print(*issue_lines(connection, found, settings.zone_of(newsletter)), sep="\n")


@commands.command()
def cancel(issue: Issue, config: Config = DEFAULT_CONFIG) -> None:
    """Stop an issue for good. Where nobody got it, its articles are free for the next one."""
    from hairfeed.store import issues

    with _one_changed(load_settings(config), issue) as (connection, found):
        released = issues.cancel(connection, found.id)
        if released is None:
            raise IssueError(f"{_name(found)}: is {found.state}; there is nothing left to cancel")
    said = "nobody got it, and its articles wait for the next issue" if released else "what was not submitted stays unsent"
    print(f"{_name(found)}: cancelled; {said}")


@commands.command()
def pause(issue: Issue, config: Config = DEFAULT_CONFIG) -> None:
    """Let an issue that is on its way wait, until 'issues resume'."""
    from hairfeed.store import deliveries

    def wait(connection: Connection, found: "IssueRow") -> bool:
        return deliveries.pause(connection, found.id)

    _change(load_settings(config), issue, wait, "paused", "only an issue that is being sent can be paused")


@commands.command()
def resume(issue: Issue, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Let a paused issue go on with the next pass. After a storm of bounces its newsletter goes on, too."""
    from hairfeed.store import deliveries, storms

    settings = load_settings(config)

    def go_on(connection: Connection, found: "IssueRow") -> bool:
        is_over = storms.end(connection, found.newsletter, clock(now, settings))
        return deliveries.resume(connection, found.id) or is_over

    _change(settings, issue, go_on, "goes on with the next pass", "only a paused issue can be resumed")


def _change(
    settings: Settings, issue: Sequence[str], change: Callable[[Connection, "IssueRow"], bool], done: str, otherwise: str
) -> None:
    with _one_changed(settings, issue) as (connection, found):
        if not change(connection, found):
            raise IssueError(f"{_name(found)}: is {found.state}; {otherwise}")
    print(f"{_name(found)}: {done}")


@contextmanager
def _reading(config: Path, newsletter: str | None = None) -> Iterator[tuple[Settings, Ledger, str]]:
    """The config, the ledger as it is, neither made nor migrated, and the name of the newsletter that is meant."""
    settings = load_settings(config)
    name = newsletter_named(newsletter, settings)
    with existing(settings) as ledger:
        yield settings, ledger, name


@contextmanager
def _one_changed(settings: Settings, issue: Sequence[str]) -> Iterator[tuple[Connection, "IssueRow"]]:
    """A transaction in which this issue is changed."""
    newsletter, number = issue_named(issue, settings)
    with writing(settings) as connection:
        yield connection, _the_issue(connection, newsletter, number)


def _name(issue: "IssueRow") -> str:
    return f"{issue.newsletter} {issue.number}"


def _the_issue(connection: Connection, newsletter: str, number: int) -> "IssueRow":
    from hairfeed.store import issues

    found = issues.listed(connection, 1, newsletter, number)
    if not found:
        raise IssueError(f"{newsletter} {number}: there is no such issue; 'hairfeed issues list' shows them")
    return found[0]


def _nothing(newsletter: str) -> IssueError:
    return IssueError(f"{newsletter}: there is nothing to send yet; 'hairfeed issues plan {newsletter}' says why")
