"""`hairfeed run` and `init`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, Now, app, begin_log, clock, print_json
from hairfeed.settings import load_settings

if TYPE_CHECKING:
    from hairfeed.models.reports import Watch


@app.command()
def run(config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Make one pass: collect, publish, compose what is due, deliver."""
    from hairfeed.operations.ping import tell_of
    from hairfeed.pipeline import run_pass
    from hairfeed.schedule.stopping import told_to_stop

    settings = load_settings(config)
    begin_log(settings)
    instant = clock(now, settings)
    with told_to_stop() as stop, _progress() as watch:
        report = run_pass(settings, instant, watch, stop)
    if as_json:
        print_json(report.as_json())
    else:
        from rich.console import Console

        from hairfeed.report import show

        show(report, Console(highlight=False))
    if problem := tell_of(report, settings):
        print(f"warning: {problem}", file=sys.stderr)
    if report.failures:
        raise typer.Exit(SOMETHING_FAILED)


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
def init(folder: Annotated[Path, typer.Argument(help="Where to begin; made if it is not there.")] = Path()) -> None:
    """Write a commented config and a copy of the templates to start from; what is there already stays."""
    from hairfeed.starter import start

    for path in start(folder):
        print(f"wrote {path}")
    print(f"Put pages into {folder / 'articles'}, look through {folder / DEFAULT_CONFIG}, then:")
    print(f"  hairfeed run --config {folder / DEFAULT_CONFIG}")
