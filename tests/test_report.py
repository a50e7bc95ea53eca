"""The report that people read, and the bar they see while they wait."""

import io
import json
import time
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from hairfeed.feeds.push.stage import Pushed, PushReport
from hairfeed.feeds.websub import HubReport
from hairfeed.models.issues import ComposedIssue, IssueState, Receipt
from hairfeed.models.reports import ArchiveReport, CollectReport, ComposeReport, DeliverReport, Problem, PublishReport
from hairfeed.pipeline import PassReport
from hairfeed.report import ProgressBar, show, show_news

NOW = datetime(2024, 8, 9, tzinfo=UTC)
BUSY = PassReport(
    NOW,
    collect=CollectReport(
        pages=120,
        new=9,
        baseline=4,
        backdated=2,
        changed=3,
        moved=1,
        gone=1,
        held=2,
        pictures=1,
        warnings=(Problem("articles/a.txt", "has no date"),),
    ),
    publish=PublishReport(directory="/srv/public", feeds=4, files=12, written=("feed.rss",)),
    compose=ComposeReport(composed=(ComposedIssue("weekly", 7, "Hair [bold]today[/bold]", 10, 3),), nothing_new=("daily",)),
    archive=ArchiveReport(pages=7, written=("issues/weekly/7/", "issues/weekly/6/", "issues/weekly/")),
    deliver=DeliverReport(
        destination="/srv/outbox",
        receipts=(Receipt("weekly", 7, owed=8, accepted=3, refused=1, unknown=1, left_out=1, waiting=2),),
        failures=(Problem("issue weekly 7", "the relay is away"),),
    ),
    push=PushReport(done=(Pushed("cdn", 12, 3), Pushed("mirror", 1, 0)), failures=(Problem("push cdn", "is away"),)),
    hubs=HubReport(hubs=1, files=6, warnings=(Problem("hub one", "is busy"),)),
)


def printed(report: PassReport, width: int = 80) -> list[str]:
    """The report's lines as a terminal of that width gets them."""
    out = io.StringIO()
    show(report, Console(file=out, width=width, highlight=False))
    return out.getvalue().splitlines()


def test_every_stage_has_its_line_and_nothing_is_lost() -> None:
    assert printed(BUSY) == [
        "Collect  120 pages: 9 new (4 as archive: feeds only, 2 backdated: feeds only), 3 changed, 1 moved, 1 gone, "
        "2 held until their date, 1 picture",
        "Publish  4 feeds, 1 file written in /srv/public",
        "         cdn: 12 files pushed, 3 withdrawn",
        "         mirror: 1 file pushed",
        "         1 hub told of 6 feed files",
        "Compose  daily: due, with too little new for an issue",
        "         weekly 7: “Hair [bold]today[/bold]”, 10 articles and 3 by title",
        "Archive  3 pages written, of 7 issues",
        "Deliver  weekly 7: owed 8  accepted 3  refused 1  unknown 1  left out 1  waiting 2",
        "         to /srv/outbox",
        "warning: articles/a.txt: has no date",
        "warning: hub one: is busy",
        "failed: issue weekly 7: the relay is away",
        "failed: push cdn: is away",
    ]


def test_a_draft_says_what_was_given_up_and_what_it_waits_for() -> None:
    trimmed = ("all topics: shorter summaries", "scalp de: 2 articles by title only")
    draft = ComposedIssue("weekly", 7, "Hair", 10, 0, IssueState.DRAFT, variants=3, trimmed=trimmed)
    report = PassReport(NOW, compose=ComposeReport(composed=(draft,), waiting=("daily",)))
    assert printed(report)[2:-1] == [
        "Compose  weekly 7: “Hair”, 10 articles, 3 variants",
        "         weekly 7: made to fit for all topics: shorter summaries",
        "         weekly 7: made to fit for scalp de: 2 articles by title only",
        "         weekly: waits for your approval; look at it: hairfeed issues plan weekly",
        "         daily: waits for your approval; look at it: hairfeed issues plan daily",
    ]


def test_of_many_warnings_the_first_are_shown_and_the_others_counted() -> None:
    many = tuple(Problem(f"{number}.txt", "has no date") for number in range(50))
    lines = printed(replace(BUSY, collect=CollectReport(warnings=many), hubs=HubReport()))
    assert sum(line.startswith("warning: ") for line in lines) == 20
    assert "… and 30 more warnings; --json lists them all" in lines


def test_a_pass_that_left_the_work_to_another_says_so() -> None:
    assert printed(PassReport(NOW, another_is_running=True)) == [
        "Another pass is running on this store; this one leaves the work to it."
    ]


def bar_of(console: Console, patience: float) -> None:
    """Work of two steps, longer than a bar's patience."""
    with ProgressBar(console, patience) as bar:
        bar.step("Reading", 0, 2)
        time.sleep(patience * 1.5)
        bar.step("Reading", 1, 2)


def test_long_work_shows_a_bar_on_a_terminal() -> None:
    out = io.StringIO()
    bar_of(Console(file=out, force_terminal=True, width=80), patience=0.1)
    assert "Reading" in out.getvalue()
    assert "1/2" in out.getvalue()


def test_short_work_and_logs_show_none() -> None:
    log, terminal = io.StringIO(), io.StringIO()
    bar_of(Console(file=log, force_terminal=False), patience=0.1)
    with ProgressBar(Console(file=terminal, force_terminal=True), patience=60) as bar:
        bar.step("Reading", 1, 2)
    assert (log.getvalue(), terminal.getvalue()) == ("", "")


def test_a_problem_says_once_where_it_is() -> None:
    assert str(Problem("https://a.example/1", "is not there")) == "https://a.example/1: is not there"
    assert str(Problem("https://a.example/1", "https://a.example/1: is not there")) == "https://a.example/1: is not there"


def news(report: PassReport, before: PassReport | None) -> list[str]:
    """What a quiet pass prints after another one."""
    out = io.StringIO()
    kept = json.loads(json.dumps(before.as_json(), default=str)) if before else None
    show_news(report, kept, Console(file=out, width=80, highlight=False))
    return out.getvalue().splitlines()


def test_a_quiet_pass_tells_what_went_wrong_once() -> None:
    told = [
        "warning: articles/a.txt: has no date",
        "warning: hub one: is busy",
        "failed: issue weekly 7: the relay is away",
        "failed: push cdn: is away",
    ]
    assert news(BUSY, None) == told
    assert news(BUSY, BUSY) == []
    assert news(BUSY, PassReport(NOW)) == told
    still = replace(BUSY, push=replace(BUSY.push, failures=(Problem("push cdn", "is away for the second time"),)))
    assert news(still, BUSY) == []
    other = replace(BUSY, collect=replace(BUSY.collect, warnings=(Problem("articles/a.txt", "is empty"),)))
    assert news(other, BUSY) == ["warning: articles/a.txt: is empty"]
