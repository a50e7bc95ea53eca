"""`hairfeed status`, `doctor`, `backup`, `restore`, `prune` and `metrics`: what an operator looks at and keeps in order."""

import sys
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, Now, app, clock, existing, print_json
from hairfeed.errors import BackupError
from hairfeed.models.issues import IssueState
from hairfeed.models.reports import RunState
from hairfeed.settings import load_settings

_MOST_WARNINGS = 20

if TYPE_CHECKING:
    from hairfeed.operations.status import Status


@app.command()
def status(config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Show how the job stands: last passes, next issues, what is open, what fails. Nothing is changed."""
    from hairfeed.operations.status import look

    settings = load_settings(config)
    with existing(settings) as ledger:
        found = look(ledger, settings, clock(now, settings))
    if as_json:
        print_json(found.as_json())
        return
    _show_passes(found)
    for coming in found.newsletters:
        due = f"due {coming.due_at:%a %Y-%m-%d %H:%M %Z}" if coming.due_at else "never due"
        print(f"newsletter {coming.newsletter}  {due}  {coming.confirmed} confirmed")
    _show_issues(found)
    for provider in found.providers:
        slowed = f"  takes {provider.share:.0%} of its usual rate" if provider.share < 1 else ""
        closed = f"  left alone until {provider.closed_until:%Y-%m-%d %H:%M} UTC" if provider.closed_until else ""
        print(
            f"provider {provider.name}  {provider.mails_today} mails today, {provider.mails_this_month} this month{slowed}{closed}"
        )
    waiting = "waiting  " + "  ".join(f"{what} {count}" for what, count in found.waiting.items())
    print(*_queue_lines(found), waiting, sep="\n")
    for source in found.failing_sources:
        print(f"source {source.name}  {source}")
    print("articles  " + ("  ".join(f"{state} {count}" for state, count in found.articles.items()) or "none"))
    for name, states in found.subscriptions.items():
        print(f"subscriptions {name}  " + "  ".join(f"{state} {count}" for state, count in states.items()))
    print(f"suppressions  {found.suppressions}")
    print(f"ledger  {found.ledger}  {found.ledger_bytes / (1 << 20):.1f} MiB")


def _queue_lines(found: "Status") -> list[str]:
    """What workers do, where there are any."""
    if not found.queues:
        return []
    return [f"workers  {found.workers}", *(f"queue {queue}" for queue in found.queues)]


def _show_passes(found: "Status") -> None:
    from hairfeed.store.runs import WHAT_TO_DO

    for one in found.passes:
        ended = f", {(one.finished_at - one.started_at).total_seconds():.1f} s" if one.finished_at else ""
        is_running = found.running is not None and one.id == found.running.run
        state = "killed" if one.state is RunState.RUNNING and not is_running else one.state
        print(f"pass {one.id}  {one.started_at:%Y-%m-%d %H:%M:%S} UTC  {state}{ended}")
        for failure in one.failures:
            print(f"  failed: {failure}")
        # What is to be mended is said at every pass: once is enough here.
        warnings = one.warnings if one is found.passes[0] else ()
        for warning in warnings[:_MOST_WARNINGS]:
            print(f"  warning: {warning}")
        if len(warnings) > _MOST_WARNINGS:
            print(f"  … and {len(warnings) - _MOST_WARNINGS} more warnings; --json lists them all")
    if found.running is not None:
        print(f"running  {found.running}")
        if found.running.hangs:
            print(f"  failed: {WHAT_TO_DO}")


def _show_issues(found: "Status") -> None:
    for draft in found.drafts:
        print(f"draft {draft.newsletter} {draft.number}  waits for your approval: hairfeed issues plan {draft.newsletter}")
    for issue in found.open_issues:
        stopped = f"  {issue.state}" if issue.state in {IssueState.PAUSED, IssueState.CANCELLED} else ""
        print(f"issue {issue.receipt.newsletter} {issue.receipt.number}  {issue.receipt}{stopped}")
        if issue.under_way:
            print(f"issue {issue.receipt.newsletter} {issue.receipt.number}  {issue.under_way}")
    for storm in found.storms:
        print(f"storm {storm.newsletter} {storm.number}  {storm}: hairfeed issues resume {storm.newsletter} {storm.number}")


@app.command()
def doctor(
    config: Config = DEFAULT_CONFIG,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody over the network: neither providers, nor the DNS, nor web servers.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look whether all that the job needs is there; ends with 1 when something fails. Nothing is changed."""
    from hairfeed.operations.checks import Level
    from hairfeed.operations.doctor import examine

    settings = load_settings(config)
    checks = list(examine(settings, clock(None, settings), offline=offline))
    if as_json:
        print_json([asdict(one) for one in checks])
    else:
        width = max(len(one.name) for one in checks)
        for one in checks:
            print(f"{one.level:<4}  {one.name:<{width}}  {one.found}" + (f"; {one.do}" if one.do else ""))
    if any(one.level is Level.FAIL for one in checks):
        raise typer.Exit(SOMETHING_FAILED)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to; what is there is replaced once the copy is whole and proven.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy the ledger as it is at this moment, whatever runs beside it. It holds readers' addresses: keep it safe."""
    from hairfeed.store.backup import back_up

    rows = back_up(load_settings(config).store.url, file)
    print(f"{file}: {sum(rows.values())} rows of {len(rows)} tables, proven")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that 'hairfeed backup' made.")],
    as_it_was: Annotated[
        bool, typer.Option("--as-it-was", help="You vouch that nothing was collected or mailed since the backup was made.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Put a backup in the ledger's place; the ledger that was there is kept beside it.

    Without --as-it-was, nothing that may have been mailed since is mailed again: articles that are there count as archive, and
    batches that were open are in doubt.
    """
    from hairfeed.store import backup as copies
    from hairfeed.store.database import pass_lock

    settings = load_settings(config)
    instant = clock(now, settings)
    ledger_file = copies.ledger_file(settings.store.url)
    keep_as = ledger_file.with_name(f"{ledger_file.name}.before-{instant:%Y%m%dT%H%M%S}")
    with pass_lock(settings.store.url) as free:
        if not free:
            raise BackupError("a pass is running on this ledger; stop 'hairfeed up', or wait for its end, and start again")
        rows = copies.restore(settings.store.url, file, keep_as, None if as_it_was else instant)
    print(f"{ledger_file}: {sum(rows.values())} rows of {len(rows)} tables, from {file}")
    if keep_as.exists():
        print(f"{keep_as}: the ledger that was there")
    if not as_it_was:
        print("What may have been mailed since the backup is not mailed again; what is new from now on is.")


@app.command()
def prune(config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Forget what no promise needs, after the times that the config names; who was mailed what, consents and refusals stay."""
    from hairfeed.cli.common import writing
    from hairfeed.store import attempts, imports, movements, retention
    from hairfeed.store.database import open_ledger
    from hairfeed.subscribers.hits import only_count_old

    settings = load_settings(config)
    instant, limits = clock(now, settings), settings.retention
    expired_before = instant - timedelta(days=limits.unconfirmed_days)
    with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger:
        unconfirmed = retention.forget_all_unconfirmed(ledger, expired_before, instant)
    with writing(settings) as connection:
        runs = retention.forget_runs(connection, instant - timedelta(days=limits.runs_days))
        letters = retention.forget_letters(connection, instant - timedelta(days=limits.mail_days))
        kept = max(limits.mail_days, settings.mail.bounces.soft_days)
        events = retention.forget_events(connection, instant - timedelta(days=kept))
        attempts.forget_old(connection, instant)
        zones = {name: settings.zone_of(name) for name in settings.newsletters}
        while movements.roll_up(connection, zones, settings.site.timezone) == movements.AT_ONCE:
            pass
        left_behind = imports.drop_begun_before(connection, expired_before)
        hits = sum(iter(lambda: only_count_old(connection, instant), 0))
    if left_behind:
        print("forgotten: an import that never came to its end")
    mails = f"{letters} letters, {events} events, {hits} opens and clicks"
    print(f"forgotten: {runs} passes, {unconfirmed} subscriptions that nobody confirmed, {mails}")


@app.command()
def metrics(
    output: Annotated[Path | None, typer.Option(help="Write to this file, whole or not at all, instead of printing.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print metrics in Prometheus' text format, for node_exporter's textfile collector; 'hairfeed serve' has them at /metrics."""
    from hairfeed.files import write_whole
    from hairfeed.operations.metrics import exposition

    settings = load_settings(config)
    with existing(settings) as ledger:
        text = exposition(ledger, settings)
    if output is None:
        sys.stdout.write(text.decode())
        return
    try:
        write_whole(output, text)
    except OSError as error:
        raise BackupError(f"{output}: cannot be written: {error.strerror}") from error
