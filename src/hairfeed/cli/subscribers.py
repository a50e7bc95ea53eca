"""`hairfeed subscribers …`: who is mailed."""

from typing import Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, Config, Now, Which, clock, group, newsletter_named, writing
from hairfeed.settings import load_settings

commands = group("subscribers", "Who is mailed.")

Email = Annotated[str, typer.Argument(help="The reader's address.")]
Confirmed = Annotated[bool, typer.Option("--confirmed", help="You vouch that the reader asked for it.")]


@commands.command()
def add(
    email: Email,
    newsletter: Which = None,
    confirmed: Confirmed = False,
    topics: Annotated[str | None, typer.Option(help="Only these topics of the newsletter, with commas; empty: all.")] = None,
    language: Annotated[str | None, typer.Option(help="One of the newsletter's languages; empty: its own.")] = None,
    called: Annotated[str | None, typer.Option("--name", help="What mails call the reader.")] = None,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Let a reader join, or choose anew. Without --confirmed they are not mailed until they confirm."""
    from hairfeed.digest.variants import choice
    from hairfeed.store import subscribers as store
    from hairfeed.subscribers import subscriptions

    settings = load_settings(config)
    name, address = newsletter_named(newsletter, settings), subscriptions.address(email)
    wanted = choice(settings.newsletters[name], topics, language) if topics is not None or language is not None else None
    with writing(settings) as connection:
        state = subscriptions.add(connection, address, name, clock(now, settings), confirmed=confirmed)
        subscriber = store.subscriber_id(connection, address, clock(now, settings))
        if wanted:
            store.choose(connection, subscriber, name, *wanted)
        if called is not None:
            store.rename(connection, subscriber, subscriptions.name(called))
    print(f"{address}: {state} for {name}")


@commands.command()
def unsubscribe(email: Email, newsletter: Which = None, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Let a reader leave; nobody but the reader can bring them back."""
    from hairfeed.subscribers import subscriptions

    settings = load_settings(config)
    name, address = newsletter_named(newsletter, settings), subscriptions.address(email)
    with writing(settings) as connection:
        left = subscriptions.unsubscribe(connection, address, name, clock(now, settings))
    print(f"{address}: unsubscribed from {name}" if left else f"{address}: had left {name} before")


@commands.command("list")
def list_(config: Config = DEFAULT_CONFIG) -> None:
    """Show every subscription."""
    from hairfeed.store import subscribers

    with writing(load_settings(config)) as connection:
        everyone = subscribers.all_subscriptions(connection)
    for one in everyone:
        print(f"{one.newsletter}  {one.state:<12}  {one.changed_at:%Y-%m-%d}  {one.email}")
