"""`hairfeed work`: one of many workers on a PostgreSQL server."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, Config, app, begin_log
from hairfeed.errors import StoreError
from hairfeed.settings import load_settings

if TYPE_CHECKING:
    from hairfeed.pipeline import PassReport

_QUEUES = ("collect", "deliver")


@app.command()
def work(
    config: Config = DEFAULT_CONFIG,
    queues: Annotated[str, typer.Option(help="What to do: collect (passes), deliver (mails), or both.")] = ",".join(_QUEUES),
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Jobs at once.")] = 2,
    every: Annotated[int, typer.Option(min=1, help="Seconds from the beginning of one pass to the next.")] = 300,
) -> None:
    """Share the work with other machines until stopped; the ledger must be on PostgreSQL."""
    from rich.console import Console

    from hairfeed.operations.ping import tell_of
    from hairfeed.report import show
    from hairfeed.schedule.stopping import told_to_stop

    chosen = tuple(name.strip() for name in queues.split(","))
    if unknown := set(chosen) - set(_QUEUES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {' and '.join(_QUEUES)}", param_hint="--queues")
    settings = load_settings(config)
    begin_log(settings)
    try:
        from hairfeed.deliver.post import lease_of
        from hairfeed.workers.shift import Shift
        from hairfeed.workers.work import work as work_on
    except ModuleNotFoundError as error:
        raise StoreError(f"workers need {error.name}; install hairfeed[postgresql]") from error
    console = Console(highlight=False)

    def told_of_pass(report: "PassReport") -> None:
        show(report, console)
        if problem := tell_of(report, settings):
            print(f"warning: {problem}", file=sys.stderr)

    def say(words: str) -> None:
        print(words, flush=True)

    shift = Shift(chosen, concurrency, timedelta(seconds=every), lease=lease_of(settings.mail))
    with told_to_stop() as stop:
        work_on(settings, shift, stop, say, told_of_pass)
