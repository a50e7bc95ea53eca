"""`hairfeed feeds …`: what is published."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, existing, group, print_json, reading
from hairfeed.settings import load_settings


class Server(StrEnum):
    """A web server that we can write for."""

    NGINX = "nginx"
    CADDY = "caddy"


commands = group("feeds", "What is published.")


@commands.command()
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
        with reading(settings) as connection:
            others = list(all_feeds(connection).values())
    for offer in site_offers(settings.site, settings.feeds, others):
        print(offer.html)


@commands.command()
def moved(
    server: Annotated[Server | None, typer.Option("--for", help="As lines for the map of this web server.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show which feeds are at another address than before; 'hairfeed serve' sends their readers on by itself."""
    from hairfeed.feeds.moves import moves, rules
    from hairfeed.shelf import url_of
    from hairfeed.store.feed_articles import all_feeds

    settings = load_settings(config)
    with existing(settings) as ledger, ledger.read() as connection:
        found = moves(all_feeds(connection), settings.feeds)
    if server is not None:
        for rule in rules(found, settings.feeds):
            print(rule.line(server.value))
        return
    for former in settings.feeds.former_urls:
        print(f"{former}/  {settings.feeds.url}/")
    for old, new in found.items():
        print(f"{url_of(old, settings.feeds)}  {url_of(new, settings.feeds)}")


@commands.command("check")
def check_feeds(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say what readers would trip over in the published files; ends with 1 when there are errors. Nothing is changed."""
    from hairfeed.feeds.check.finding import Level
    from hairfeed.feeds.check.look import look

    settings = load_settings(config)
    with existing(settings) as ledger:
        files, findings = look(ledger, settings.feeds)
    errors = sum(finding.level is Level.ERROR for finding in findings)
    counts = {"files": files, "errors": errors, "warnings": len(findings) - errors}
    if as_json:
        print_json(counts | {"findings": [asdict(finding) for finding in findings]})
    else:
        for one in findings:
            where = " ".join(part for part in (one.file, one.place and f"[{one.place}]") if part)
            print(f"{one.level}  {where or settings.feeds.directory}: {one.what}; {one.do}")
        print("  ".join(f"{name} {count}" for name, count in counts.items()))
    if errors:
        raise typer.Exit(SOMETHING_FAILED)
