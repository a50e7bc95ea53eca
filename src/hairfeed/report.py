"""A pass's report for people: a few lines, well set; and a progress bar while it works."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.text import Text

from hairfeed.models.issues import IssueState
from hairfeed.models.reports import DeliverReport, Problem
from hairfeed.pipeline import PassReport

PATIENCE = 1.0
"""Seconds of work before a progress bar shows."""

_MOST_WARNINGS = 20

_LABEL = 9
"""Characters before the text of a line."""


def show(report: PassReport, console: Console) -> None:
    """Print the report: what each stage did, then what to look at, then what failed."""
    if report.another_is_running:
        which = f": {report.other}" if report.other else "."
        console.print(f"Another pass is running on this store; this one leaves the work to it{which}", soft_wrap=True, markup=False)
        return
    if report.stopped:
        console.print("Told to stop; the next pass goes on from here.")
        return
    for stage, lines in _lines(report):
        for number, line in enumerate(lines):
            # Lines are left to the terminal to wrap: a log or a cron mail takes them whole.
            console.print(Text.assemble((("" if number else stage).ljust(_LABEL), "bold"), line), soft_wrap=True)
    _show_problems(report.warnings, report.failures, console)


def show_news(report: PassReport, before: Mapping[str, Any] | None, console: Console) -> None:
    """Print the problems that the report of the pass `before` did not have yet; usually nothing.

    What fails again and again is told once, in whatever words: a source says at every pass how often it failed by now.
    """
    stages = [stage for stage in (before or {}).values() if isinstance(stage, Mapping)]
    warned = {(problem["where"], problem["what"]) for stage in stages for problem in stage.get("warnings", ())}
    failed = {problem["where"] for stage in stages for problem in stage.get("failures", ())}
    warnings = [problem for problem in report.warnings if (problem.where, problem.what) not in warned]
    _show_problems(warnings, [problem for problem in report.failures if problem.where not in failed], console)


def _show_problems(warnings: Sequence[Problem], failures: Sequence[Problem], console: Console) -> None:
    for problem in warnings[:_MOST_WARNINGS]:
        console.print(Text(f"warning: {problem}", style="yellow"), soft_wrap=True)
    if len(warnings) > _MOST_WARNINGS:
        console.print(Text(f"… and {len(warnings) - _MOST_WARNINGS} more warnings; --json lists them all", style="yellow"))
    for problem in failures:
        console.print(Text(f"failed: {problem}", style="bold red"), soft_wrap=True)


def _lines(report: PassReport) -> list[tuple[str, list[str]]]:
    return [
        ("Collect", [_collected(report)]),
        ("Publish", [_published(report), *_spread(report)]),
        ("Compose", _composed(report)),
        *([("Archive", [_archived(report)])] if report.archive.written else []),
        *([("Readers", [came_in])] if (came_in := _came_in(report)) else []),
        ("Deliver", _delivered(report.deliver)),
    ]


def _collected(report: PassReport) -> str:
    found = report.collect
    new = f"{found.new} new" if found.new else "nothing new"
    reasons = [
        f"{found.baseline} as archive: feeds only" if found.baseline else "",
        f"{found.backdated} backdated: feeds only" if found.backdated else "",
    ]
    why = ", ".join(filter(None, reasons))
    counts = [(found.changed, "changed"), (found.moved, "moved"), (found.gone, "gone"), (found.held, "held until their date")]
    counts.append((found.pictures, _plural("picture", found.pictures)))
    others = "".join(f", {count} {what}" for count, what in counts if count)
    return f"{found.pages} {_plural('page', found.pages)}: {new}{f' ({why})' if why else ''}{others}"


def _published(report: PassReport) -> str:
    done = report.publish
    if not done.feeds:
        return f"no feeds yet in {_short(done.directory)}"
    feeds = f"{done.feeds} {_plural('feed', done.feeds)}"
    files = f"{len(done.written)} {_plural('file', len(done.written))}"
    return f"{feeds}, {f'{files} written' if done.written else 'nothing changed'} in {_short(done.directory)}"


def _spread(report: PassReport) -> list[str]:
    """Where published files went from here."""
    lines = [
        f"{done.name}: {done.sent} {_plural('file', done.sent)} pushed"
        + (f", {done.withdrawn} withdrawn" if done.withdrawn else "")
        for done in report.push.done
    ]
    if hubs := report.hubs.hubs:
        lines.append(f"{hubs} {_plural('hub', hubs)} told of {report.hubs.files} feed {_plural('file', report.hubs.files)}")
    return lines


def _composed(report: PassReport) -> list[str]:
    done = report.compose
    lines = [f"{name}: due, with too little new for an issue" for name in done.nothing_new]
    for issue in done.composed:
        name = f"{issue.newsletter} {issue.number}"
        also = f" and {issue.also} by title" if issue.also else ""
        variants = f", {issue.variants} variants" if issue.variants > 1 else ""
        lines.append(f"{name}: “{issue.subject}”, {issue.featured} {_plural('article', issue.featured)}{also}{variants}")
        lines += [f"{name}: made to fit for {line}" for line in issue.trimmed]
    drafts = [issue.newsletter for issue in done.composed if issue.state is IssueState.DRAFT]
    lines += [f"{name}: waits for your approval; look at it: hairfeed issues plan {name}" for name in (*drafts, *done.waiting)]
    return lines or ["nothing due"]


def _archived(report: PassReport) -> str:
    done = report.archive
    written = len(done.written)
    return f"{written} {_plural('page', written)} written, of {done.pages} {_plural('issue', done.pages)}"


def _came_in(report: PassReport) -> str:
    """What forms and providers brought; nothing where there is nothing."""
    came = report.subscribers
    counts = [
        (came.sign_ups, f"{_plural('sign-up', came.sign_ups)} taken in"),
        (came.letters, f"{_plural('confirmation', came.letters)} to mail"),
        (came.greetings, f"{_plural('greeting', came.greetings)} to mail"),
        (came.questions, f"silent {_plural('reader', came.questions)} to ask"),
        (came.retired, f"silent {_plural('reader', came.retired)} retired"),
        (came.replies, f"{_plural('mail', came.replies)} read in the mailbox"),
        (came.events, f"{_plural('event', came.events)} from providers"),
        (came.suppressed, f"{_plural('address', came.suppressed)} suppressed"),
    ]
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _delivered(done: DeliverReport) -> list[str]:
    lines = [f"{receipt.newsletter} {receipt.number}: {receipt}" for receipt in done.receipts]
    lines += [f"{later.where.removeprefix('issue ')}: {later.what}" for later in done.going_on]
    if done.letters:
        lines.append(f"{done.letters} {_plural('letter', done.letters)} sent")
    return [*lines, f"to {_short(done.destination)}"] if lines else ["nothing to send"]


def _short(place: str) -> str:
    """A path as people in the current folder would write it; anything else as it is."""
    return os.path.relpath(place) if place.startswith(str(Path.cwd()) + os.sep) else place


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + ("es" if word.endswith("s") else "s")


class ProgressBar:
    """A `Watch` that shows a bar on a terminal once the work takes longer than a second, and leaves nothing behind."""

    def __init__(self, console: Console, patience: float = PATIENCE) -> None:
        """Show nothing yet, and nothing before `patience` seconds have passed."""
        self._console = console
        self._patience = patience
        self._began = time.monotonic()
        self._live: _Bar | None = None

    def __enter__(self) -> Self:
        """The work begins."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take the bar away."""
        if self._live:
            self._live.stop()

    def step(self, label: str, done: int, total: int) -> None:
        """Move the bar."""
        if not self._console.is_terminal or time.monotonic() - self._began < self._patience:
            return
        if self._live is None:
            self._live = _Bar(self._console)
        self._live.show(label, done, total)


class _Bar:
    def __init__(self, console: Console) -> None:
        # Its import is worth a tenth of a second: only long work pays.
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("")
        self._progress.start()

    def show(self, label: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=label, completed=done, total=total)

    def stop(self) -> None:
        self._progress.stop()
