"""`hairfeed articles …`: what was collected, and whether it is mailed."""

from dataclasses import asdict
from typing import Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, AsJson, Config, Now, clock, group, print_json, reading, writing
from hairfeed.errors import ArticleError
from hairfeed.settings import load_settings

commands = group("articles", "What was collected, and whether it is mailed.")

Number = Annotated[int, typer.Argument(help="The article's number, as 'articles list' shows it.")]


@commands.command("list")
def list_articles(
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    not_mailed: Annotated[
        bool, typer.Option("--not-mailed", help="Only those kept out of the mail that may still be mailed.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show articles, newest first: number, day, where it stands, title."""
    from hairfeed.store import catalogue

    settings = load_settings(config)
    with reading(settings) as connection:
        entries = catalogue.listed(connection, limit, source, not_mailed=not_mailed)
    if source is not None and not entries and source not in settings.sources:
        raise ArticleError(f"{source}: no such source; the config has: {', '.join(settings.sources)}")
    if as_json:
        print_json([asdict(one) for one in entries])
        return
    for one in entries:
        print(f"{one.id:>6}  {one.published_on}  {one.state:<5}  {one.standing:<10}  {one.title}")


@commands.command()
def show(number: Number, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show all that is known of an article."""
    from hairfeed.store import catalogue

    with reading(load_settings(config)) as connection:
        facts = catalogue.facts(connection, number)
    if as_json:
        print_json({name.replace(" ", "_"): value for name, value in facts.items()})
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {value}")


@commands.command()
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
    with writing(load_settings(config)) as connection:
        count = catalogue.let_into_mail(connection, number, source)
    print(f"{count} {'article' if count == 1 else 'articles'} for the next issue")


@commands.command()
def hold(number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Keep an article out of the mail; it stays in the feeds."""
    from hairfeed.store import catalogue

    with writing(load_settings(config)) as connection:
        catalogue.keep_out_of_mail(connection, number)
    print(f"{number}: not for the mail")


@commands.command()
def forget(number: Number, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Take an article out of the feeds, and keep it out although its source still has it."""
    from hairfeed.store import catalogue

    settings = load_settings(config)
    with writing(settings) as connection:
        catalogue.forget(connection, number, clock(now, settings))
    print(f"{number}: out of feeds and mail")
