"""`hairfeed up`: passes at a steady beat, and the web beside them."""

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated

import typer

from hairfeed import log
from hairfeed.cli.common import DEFAULT_CONFIG, Config, app, begin_log, warn_of_sample
from hairfeed.cli.serve import Host, Port, web_app
from hairfeed.errors import HairFeedError
from hairfeed.settings import load_settings


@app.command()
def up(
    config: Config = DEFAULT_CONFIG,
    every: Annotated[int, typer.Option(min=1, help="Seconds from the beginning of one pass to the next.")] = 300,
    serve: Annotated[bool, typer.Option("--serve", help="Serve feeds and pages beside it, as 'hairfeed serve' does.")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Make passes until stopped, instead of a cron line."""
    from rich.console import Console

    from hairfeed.operations.ping import tell_of
    from hairfeed.pipeline import run_pass
    from hairfeed.report import show
    from hairfeed.schedule.daemon import keep_running
    from hairfeed.schedule.stopping import told_to_stop

    settings = load_settings(config)
    warn_of_sample(settings, config)
    begin_log(settings)
    console = Console(highlight=False)

    with told_to_stop() as stop, ExitStack() as stack:

        def tick() -> None:
            try:
                report = run_pass(settings, datetime.now(UTC), stop=stop)
            except HairFeedError as error:
                console.print(f"failed: {error}", style="bold red", markup=False, soft_wrap=True)
                return
            except Exception as error:  # noqa: BLE001 - a fault of ours in one pass is no reason to make no other
                log.show_fault(error)
                return
            show(report, console)
            if problem := tell_of(report, settings):
                print(f"warning: {problem}", file=sys.stderr)

        if serve:
            from hairfeed.web.server import serving

            address = stack.enter_context(serving(stack.enter_context(web_app(settings)), host, port))
            print(f"Serving at {address}", flush=True)
        print(f"A pass every {every} seconds; stop with Ctrl-C.", flush=True)
        keep_running(tick, every, stop)
