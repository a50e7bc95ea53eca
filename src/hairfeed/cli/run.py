"""`hairfeed run`, `serve` and `init`."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, Now, app, begin_log, clock
from hairfeed.settings import load_settings


@app.command()
def run(config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Make one pass: collect, publish, compose what is due, deliver."""
    from hairfeed.operations.ping import tell_of
    from hairfeed.pipeline import run_pass
    from hairfeed.report import ProgressBar, show

    settings = load_settings(config)
    begin_log(settings)
    instant = clock(now, settings)
    with ProgressBar(Console(stderr=True)) as bar:
        report = run_pass(settings, instant, bar)
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        show(report, Console(highlight=False))
    if problem := tell_of(report, settings):
        print(f"warning: {problem}", file=sys.stderr)
    if report.failures:
        raise typer.Exit(SOMETHING_FAILED)


@app.command()
def serve(
    config: Config = DEFAULT_CONFIG,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 for any that is free.")] = 8000,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Print a line for every answer; it never says who asked.")
    ] = False,
) -> None:
    """Serve the feeds over HTTP until stopped; put a web server with TLS in front of it."""
    from hairfeed.web.app import build_app
    from hairfeed.web.server import serve

    settings = load_settings(config)
    path = urlsplit(settings.feeds.url).path

    def announce(address: str) -> None:
        print(f"Serving {settings.feeds.directory} at {address}{path}/; stop with Ctrl-C.", flush=True)

    def log(line: str) -> None:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)

    serve(build_app(settings, log if access_log else None), host, port, announce)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to begin; made if it is not there.")] = Path()) -> None:
    """Write a commented config and a copy of the templates to start from; what is there already stays."""
    from hairfeed.starter import start

    for path in start(folder):
        print(f"wrote {path}")
    print(f"Put pages into {folder / 'articles'}, look through {folder / DEFAULT_CONFIG}, then:")
    print(f"  hairfeed run --config {folder / DEFAULT_CONFIG}")
