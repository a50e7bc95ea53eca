"""`hairfeed run`, `up`, `serve` and `init`."""

import json
import signal
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, Now, app, clock
from hairfeed.errors import HairFeedError
from hairfeed.settings import load_settings


@app.command()
def run(config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Make one pass: collect, publish, compose what is due, deliver."""
    from hairfeed.pipeline import run_pass
    from hairfeed.report import ProgressBar, show

    settings = load_settings(config)
    instant = clock(now, settings)
    with ProgressBar(Console(stderr=True)) as bar:
        report = run_pass(settings, instant, bar, _stopped_by_sigterm())
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        show(report, Console(highlight=False))
    if report.failures:
        raise typer.Exit(SOMETHING_FAILED)


def _stopped_by_sigterm() -> Event:
    """Set once the process is asked to end: the pass finishes the mails that are under way, and no others begin."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


@app.command()
def up(
    config: Config = DEFAULT_CONFIG,
    every: Annotated[int, typer.Option(min=1, help="Seconds from the beginning of one pass to the next.")] = 300,
) -> None:
    """Make passes until stopped, instead of a cron line."""
    from hairfeed.pipeline import run_pass
    from hairfeed.report import show
    from hairfeed.schedule.daemon import keep_running

    settings = load_settings(config)
    console = Console(highlight=False)
    stop = Event()

    def tick() -> None:
        try:
            show(run_pass(settings, datetime.now(UTC), stop=stop), console)
        except HairFeedError as error:
            console.print(f"failed: {error}", style="bold red", markup=False)

    print(f"A pass every {every} seconds; stop with Ctrl-C.", flush=True)
    keep_running(tick, every, stop)


@app.command()
def serve(
    config: Config = DEFAULT_CONFIG,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 for any that is free.")] = 8000,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Print a line for every answer; it never says who asked.")
    ] = False,
) -> None:
    """Serve the feeds, and the pages for readers, over HTTP until stopped; put a web server with TLS in front of it."""
    from hairfeed.deliver.providers.choice import webhooks
    from hairfeed.store.database import open_ledger
    from hairfeed.web.app import build_app
    from hairfeed.web.server import serve

    settings = load_settings(config)
    path = urlsplit(settings.feeds.url).path

    def announce(address: str) -> None:
        pages = f", pages for readers at {address}{urlsplit(settings.web.url).path}/" if settings.web else ""
        print(f"Serving {settings.feeds.directory} at {address}{path}/{pages}; stop with Ctrl-C.", flush=True)

    def log(line: str) -> None:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)

    ledger = open_ledger(settings.store.url, settings.store.lock_timeout) if settings.web else None
    try:
        serve(build_app(settings, log if access_log else None, ledger, webhooks(settings.mail)), host, port, announce)
    finally:
        if ledger is not None:
            ledger.close()


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to begin; made if it is not there.")] = Path()) -> None:
    """Write a commented config and a copy of the templates to start from; what is there already stays."""
    from hairfeed.starter import start

    for path in start(folder):
        print(f"wrote {path}")
    print(f"Put pages into {folder / 'articles'}, look through {folder / DEFAULT_CONFIG}, then:")
    print(f"  hairfeed run --config {folder / DEFAULT_CONFIG}")
