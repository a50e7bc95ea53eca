"""`hairfeed serve`, and the web app as `hairfeed up` has it beside its passes."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, Config, app, begin_log
from hairfeed.settings import Settings, load_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Host = Annotated[str, typer.Option(help="Where to listen.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 for any that is free.")]


@contextmanager
def web_app(settings: Settings, log: Callable[[str], None] | None = None) -> Iterator["ASGIApp"]:
    """Feeds, probes, and what pages the config has for readers and the operator; `log` gets a line for every answer about feeds."""
    from hairfeed.deliver.providers.choice import webhooks
    from hairfeed.store.database import open_ledger
    from hairfeed.web.app import build_app

    if settings.web is None:
        yield build_app(settings, log)
        return
    with closing(open_ledger(settings.store.url, settings.store.lock_timeout)) as ledger:
        yield build_app(settings, log, ledger, webhooks(settings.mail))


@app.command()
def serve(
    config: Config = DEFAULT_CONFIG,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Print a line for every answer about feeds; it never says who asked.")
    ] = False,
) -> None:
    """Serve the feeds, and the pages for readers, over HTTP until stopped; put a web server with TLS in front of it."""
    from hairfeed.web.server import serve

    settings = load_settings(config)
    begin_log(settings)
    path = urlsplit(settings.feeds.url).path

    def announce(address: str) -> None:
        pages = f", pages for readers at {address}{urlsplit(settings.web.url).path}/" if settings.web else ""
        yours = f", yours at {address}/operator/" if settings.operator else ""
        print(f"Serving {settings.feeds.directory} at {address}{path}/{pages}{yours}; stop with Ctrl-C.", flush=True)

    def log(line: str) -> None:
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)

    with web_app(settings, log if access_log else None) as served:
        serve(served, host, port, announce)
