"""The commands. Each reads the config, does one thing, and ends with 0: done, 1: something failed, 2: nothing could start."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

import hairfeed
from hairfeed.errors import ArticleError, HairFeedError, SubscriberError
from hairfeed.settings import Settings, load_settings
from hairfeed.store.database import Connection

DEFAULT_CONFIG = Path("config/hairfeed.toml")
SOMETHING_FAILED, NOTHING_STARTED = 1, 2

app = typer.Typer(
    help="Publish a site's articles: feeds for readers, digests for inboxes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
subscribers_app = typer.Typer(help="Who is mailed.", no_args_is_help=True)
app.add_typer(subscribers_app, name="subscribers")
articles_app = typer.Typer(help="What was collected, and whether it is mailed.", no_args_is_help=True)
app.add_typer(articles_app, name="articles")
feeds_app = typer.Typer(help="What is published.", no_args_is_help=True)
app.add_typer(feeds_app, name="feeds")

Config = Annotated[Path, typer.Option("--config", "-c", help="The config file.")]
Now = Annotated[str | None, typer.Option("--now", metavar="INSTANT", help="Set the clock, like 2024-08-16T09:00 (rehearsal).")]
Number = Annotated[int, typer.Argument(help="The article's number, as 'articles list' shows it.")]
Email = Annotated[str, typer.Argument(help="The reader's address.")]
Which = Annotated[str | None, typer.Option("--newsletter", help="Which newsletter; needed where there are several.")]
Confirmed = Annotated[bool, typer.Option("--confirmed", help="You vouch that the reader asked for it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report for machines.")]


def main() -> None:
    """Run the command line; a known error is one clear message, not a traceback."""
    try:
        app()
    except HairFeedError as error:
        for line in str(error).splitlines():
            print(f"hairfeed: {line}", file=sys.stderr)
        sys.exit(SOMETHING_FAILED if isinstance(error, SubscriberError | ArticleError) else NOTHING_STARTED)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False) -> None:
    if version:
        print(f"hairfeed {hairfeed.__version__}")
        raise typer.Exit


@app.command()
def run(config: Config = DEFAULT_CONFIG, now: Now = None, as_json: AsJson = False) -> None:
    """Make one pass: collect, publish, compose what is due, deliver."""
    from hairfeed.pipeline import run_pass
    from hairfeed.report import ProgressBar, show

    settings = load_settings(config)
    clock = _clock(now, settings)
    with ProgressBar(Console(stderr=True)) as bar:
        report = run_pass(settings, clock, bar)
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        show(report, Console(highlight=False))
    if report.failures:
        raise typer.Exit(SOMETHING_FAILED)


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

    def tick() -> None:
        try:
            show(run_pass(settings, datetime.now(UTC)), console)
        except HairFeedError as error:
            console.print(f"failed: {error}", style="bold red", markup=False)

    print(f"A pass every {every} seconds; stop with Ctrl-C.", flush=True)
    keep_running(tick, every)


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


@subscribers_app.command()
def add(
    email: Email, newsletter: Which = None, confirmed: Confirmed = False, config: Config = DEFAULT_CONFIG, now: Now = None
) -> None:
    """Let a reader join. Without --confirmed they are not mailed until they confirm."""
    from hairfeed.subscribers import subscriptions

    settings = load_settings(config)
    name, address = _newsletter(newsletter, settings), subscriptions.address(email)
    with _writing(settings) as connection:
        state = subscriptions.add(connection, address, name, _clock(now, settings), confirmed=confirmed)
    print(f"{address}: {state} for {name}")


@subscribers_app.command()
def unsubscribe(email: Email, newsletter: Which = None, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Let a reader leave; nobody but the reader can bring them back."""
    from hairfeed.subscribers import subscriptions

    settings = load_settings(config)
    name, address = _newsletter(newsletter, settings), subscriptions.address(email)
    with _writing(settings) as connection:
        left = subscriptions.unsubscribe(connection, address, name, _clock(now, settings))
    print(f"{address}: unsubscribed from {name}" if left else f"{address}: had left {name} before")


@subscribers_app.command("list")
def list_(config: Config = DEFAULT_CONFIG) -> None:
    """Show every subscription."""
    from hairfeed.store import subscribers

    with _writing(load_settings(config)) as connection:
        everyone = subscribers.all_subscriptions(connection)
    for one in everyone:
        print(f"{one.newsletter}  {one.state:<12}  {one.changed_at:%Y-%m-%d}  {one.email}")


@articles_app.command("list")
def list_articles(
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    not_mailed: Annotated[
        bool, typer.Option("--not-mailed", help="Only those kept out of the mail that may still be mailed.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show articles, newest first: number, day, where it stands, title."""
    from hairfeed.store import catalogue

    with _writing(load_settings(config)) as connection:
        entries = catalogue.listed(connection, limit, source, not_mailed=not_mailed)
    for one in entries:
        print(f"{one.id:>6}  {one.published_on}  {one.state:<5}  {one.standing:<10}  {one.title}")


@articles_app.command()
def show(number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Show all that is known of an article."""
    from hairfeed.store import catalogue

    with _writing(load_settings(config)) as connection:
        facts = catalogue.facts(connection, number)
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {value}")


@articles_app.command()
def mail(
    number: Annotated[int | None, typer.Argument(help="The article's number.")] = None,
    source: Annotated[
        str | None, typer.Option(help="All of this source that were kept out of the mail by the flood guard.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Let an article into the next issue that was kept out of the mail; one that was mailed is not mailed again."""
    from hairfeed.store import catalogue

    if (number is None) == (source is None):
        raise typer.BadParameter("give an article's number, or --source NAME")
    with _writing(load_settings(config)) as connection:
        count = catalogue.let_into_mail(connection, number, source)
    print(f"{count} {'article' if count == 1 else 'articles'} for the next issue")


@articles_app.command()
def hold(number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Keep an article out of the mail; it stays in the feeds."""
    from hairfeed.store import catalogue

    with _writing(load_settings(config)) as connection:
        catalogue.keep_out_of_mail(connection, number)
    print(f"{number}: not for the mail")


@articles_app.command()
def forget(number: Number, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Take an article out of the feeds, and keep it out although its source still has it."""
    from hairfeed.store import catalogue

    settings = load_settings(config)
    with _writing(settings) as connection:
        catalogue.forget(connection, number, _clock(now, settings))
    print(f"{number}: out of feeds and mail")


@feeds_app.command()
def links(
    everything: Annotated[bool, typer.Option("--all", help="Those of categories and authors, too.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show what belongs into the head of your site's pages, so that browsers and feed readers find the feeds there."""
    from hairfeed.feeds.shown import site_offers
    from hairfeed.store.feed_articles import all_feeds

    settings = load_settings(config)
    others = []
    if everything:
        with _writing(settings) as connection:
            others = list(all_feeds(connection).values())
    for offer in site_offers(settings.site, settings.feeds, others):
        print(offer.html)


@feeds_app.command("check")
def check_feeds(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say what readers would trip over in the published files; ends with 1 when there are errors. Nothing is changed."""
    from hairfeed.feeds.check.finding import Level
    from hairfeed.feeds.check.look import look
    from hairfeed.store.database import existing_ledger

    settings = load_settings(config)
    ledger = existing_ledger(settings.store.url, settings.store.lock_timeout)
    try:
        files, findings = look(ledger, settings.feeds)
    finally:
        ledger.close()
    errors = sum(finding.level is Level.ERROR for finding in findings)
    counts = {"files": files, "errors": errors, "warnings": len(findings) - errors}
    if as_json:
        print(json.dumps(counts | {"findings": [asdict(finding) for finding in findings]}, ensure_ascii=False, indent=2))
    else:
        for one in findings:
            where = " ".join(part for part in (one.file, one.place and f"[{one.place}]") if part)
            print(f"{one.level}  {where or settings.feeds.directory}: {one.what}; {one.do}")
        print("  ".join(f"{name} {count}" for name, count in counts.items()))
    if errors:
        raise typer.Exit(SOMETHING_FAILED)


@contextmanager
def _writing(settings: Settings) -> Iterator[Connection]:
    from hairfeed.store.database import open_ledger

    ledger = open_ledger(settings.store.url, settings.store.lock_timeout)
    try:
        with ledger.write() as connection:
            yield connection
    finally:
        ledger.close()


def _clock(now: str | None, settings: Settings) -> datetime:
    """The instant meant by --now: without a zone it is in the site's."""
    if now is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(now)
    except ValueError as error:
        raise typer.BadParameter(f"{now!r} is no instant; write it like 2024-08-16T09:00", param_hint="--now") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=settings.site.timezone)).astimezone(UTC)


def _newsletter(name: str | None, settings: Settings) -> str:
    known = list(settings.newsletters)
    if name is None and len(known) == 1:
        return known[0]
    if name in settings.newsletters:
        return str(name)
    raise SubscriberError(f"which newsletter? The config has: {', '.join(known) or 'none'} (--newsletter NAME)")
