"""`hairfeed run` and `init`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hairfeed.cli.common import (
    DEFAULT_CONFIG,
    SOMETHING_FAILED,
    AsJson,
    Config,
    Now,
    app,
    begin_log,
    clock,
    print_json,
    reading,
    warn_of_sample,
    writing,
)
from hairfeed.settings import Settings, load_settings

if TYPE_CHECKING:
    from hairfeed.models.reports import Watch

Retry = Annotated[
    bool, typer.Option("--retry", help="Look at sources that failed now, without waiting; you have mended something.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only what went wrong and the pass before did not tell; for cron.")
]


@app.command()
def run(
    config: Config = DEFAULT_CONFIG, now: Now = None, retry: Retry = False, quiet: Quiet = False, as_json: AsJson = False
) -> None:
    """Make one pass: collect, publish, compose what is due, deliver."""
    from hairfeed.operations.ping import tell_of
    from hairfeed.pipeline import run_pass
    from hairfeed.schedule.stopping import told_to_stop

    settings = load_settings(config)
    if not quiet:
        warn_of_sample(settings, config)
    begin_log(settings)
    instant = clock(now, settings)
    if retry:
        from hairfeed.store import sources

        with writing(settings) as connection:
            sources.look_again(connection)
    before = _last_report(settings) if quiet else None
    with told_to_stop() as stop, _progress() as watch:
        report = run_pass(settings, instant, watch, stop)
    if as_json:
        print_json(report.as_json())
    else:
        from rich.console import Console

        from hairfeed.report import show, show_news

        console = Console(highlight=False)
        if quiet:
            show_news(report, before, console)
        else:
            show(report, console)
    if problem := tell_of(report, settings):
        print(f"warning: {problem}", file=sys.stderr)
    if report.failures:
        raise typer.Exit(SOMETHING_FAILED)


def _last_report(settings: Settings) -> dict[str, Any] | None:
    from hairfeed.store import runs

    with reading(settings) as connection:
        return runs.last_report(connection)


@contextmanager
def _progress() -> Iterator["Watch"]:
    """A bar for whoever sits before a terminal; a pass by cron loads nothing for one."""
    from hairfeed.models.reports import Nobody

    if not sys.stderr.isatty():
        yield Nobody()
        return
    from rich.console import Console

    from hairfeed.report import ProgressBar

    with ProgressBar(Console(stderr=True)) as bar:
        yield bar


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to begin; made if it is not there.")] = Path(),
    title: Annotated[str | None, typer.Option(help="What your site is called.")] = None,
    url: Annotated[str | None, typer.Option(help="Its address, like https://example.com.")] = None,
    author: Annotated[str | None, typer.Option(help="Who writes it, where a page names nobody; else the title.")] = None,
    email: Annotated[str | None, typer.Option(help="Where mails come from and answers go.")] = None,
    postal_address: Annotated[str | None, typer.Option(help="Yours: the law wants one in every mailing.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of schedules, like Europe/Berlin; else UTC.")] = None,
    language: Annotated[str | None, typer.Option(help="Like de or pt-BR; else en.")] = None,
) -> None:
    """Write a commented config to start from, beside folders for pages and for templates of your own; what is there already stays.

    What you do not tell stands in the config as a sample to be filled in; 'hairfeed check' names it.
    """
    from hairfeed.starter import Told, start

    told = Told(
        title=title, url=url, author=author, email=email, postal_address=postal_address, timezone=timezone, language=language
    )
    config = folder / DEFAULT_CONFIG
    if start(folder, told):
        print(f"wrote {config}")
    else:
        ignored = "; what you told is not in it: write it there" if told != Told() else ""
        print(f"{config} was there, and stays as it is{ignored}")
    print(f"Put pages into {folder / 'articles'}, look through {config}, then:")
    print(f"  hairfeed check --config {config}")
    print(f"  hairfeed run --config {config}")
