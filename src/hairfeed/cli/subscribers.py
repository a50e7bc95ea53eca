"""`hairfeed subscribers …`: who is mailed."""

from itertools import chain, islice
from typing import Annotated

import typer

from hairfeed.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    Config,
    Now,
    Which,
    clock,
    group,
    name_width,
    newsletter_named,
    reading_readers,
    writing,
)
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.settings import load_settings

commands = group("subscribers", "Who is mailed.")

Email = Annotated[str, typer.Argument(help="The reader's address.")]
Confirmed = Annotated[bool, typer.Option("--confirmed", help="You vouch that the reader asked for it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in lists.")]


@commands.command()
def add(
    email: Email,
    newsletter: Which = None,
    confirmed: Confirmed = False,
    topics: Annotated[str | None, typer.Option(help="Only these topics of the newsletter, with commas; empty: all.")] = None,
    language: Annotated[str | None, typer.Option(help="One of the newsletter's languages; empty: its own.")] = None,
    called: Annotated[str | None, typer.Option("--name", help="What mails call the reader.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Where the reader is, like Europe/Berlin; empty: not known.")] = None,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Let a reader join, or choose anew. Without --confirmed a mail asks them first, if there are pages to confirm on."""
    from hairfeed.digest.variants import choice
    from hairfeed.models.subscribers import SubscriptionState
    from hairfeed.store import subscribers as store
    from hairfeed.store import zones
    from hairfeed.subscribers import subscriptions

    settings = load_settings(config)
    name, address = newsletter_named(newsletter, settings), subscriptions.address(email)
    place = subscriptions.time_zone(time_zone) if time_zone is not None else None
    wanted = choice(settings.newsletters[name], topics, language) if topics is not None or language is not None else None
    with writing(settings) as connection:
        state = subscriptions.add(connection, address, name, clock(now, settings), confirmed=confirmed)
        subscriber = store.subscriber_id(connection, address, clock(now, settings))
        if wanted:
            store.choose(connection, subscriber, name, *wanted)
        if called is not None:
            store.rename(connection, subscriber, subscriptions.name(called))
        if place is not None:
            zones.move(connection, subscriber, place)
        is_asked = state is SubscriptionState.PENDING and settings.web is not None
        if is_asked:
            subscriptions.ask(connection, address, name, clock(now, settings), *(wanted or ()))
    print(f"{address}: {state} for {name}{'; the next pass asks them by mail' if is_asked else ''}")


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
def list_(
    newsletter: Annotated[str | None, typer.Option(help="Only this one's.")] = None,
    state: Annotated[SubscriptionState | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The first so many; then go on with --after.")] = None,
    after: Annotated[str, typer.Option(metavar="ADDRESS", help="Only addresses after this one.")] = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show every subscription, in the order of addresses."""
    from hairfeed.cli.reader_lines import list_json, list_lines
    from hairfeed.store import subscribers

    settings = load_settings(config)
    with reading_readers(settings) as connection:
        found = subscribers.listed(connection, newsletter, state, after.lower(), limit)
        first = list(islice(found, 1))
        if not first and newsletter is not None:
            # It may have left the config and still have readers; without any, it is a slip.
            newsletter_named(newsletter, settings)
        every = chain(first, found)
        for line in list_json(every) if as_json else list_lines(every, name_width(settings)):
            print(line)


@commands.command()
def show(email: Email, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show all that is kept of a reader."""
    from hairfeed.cli.reader_lines import reader_json, reader_lines
    from hairfeed.subscribers.addresses import address
    from hairfeed.subscribers.kept import kept_of

    with reading_readers(load_settings(config)) as connection:
        kept = kept_of(connection, address(email))
    for line in [reader_json(kept)] if as_json else reader_lines(kept):
        print(line)


@commands.command()
def suppress(email: Email, reason: Reason = "by the operator", config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Never mail an address again, whatever it asks for."""
    from hairfeed.store import subscribers
    from hairfeed.subscribers.addresses import address

    settings, known = load_settings(config), address(email)
    with writing(settings) as connection:
        done = subscribers.suppress(connection, known, reason, clock(now, settings))
    print(f"{known}: is never mailed again" if done else f"{known}: was suppressed before")


@commands.command()
def allow(email: Email, config: Config = DEFAULT_CONFIG, now: Now = None) -> None:
    """Take an address off the list of those never to be mailed: then its reader can join again."""
    from hairfeed.subscribers.addresses import address
    from hairfeed.subscribers.erasure import allow

    settings, known = load_settings(config), address(email)
    with writing(settings) as connection:
        done = allow(connection, known, clock(now, settings))
    print(f"{known}: may be mailed if its reader asks for it" if done else f"{known}: was not suppressed")


@commands.command()
def erase(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = DEFAULT_CONFIG,
    now: Now = None,
) -> None:
    """Forget a reader everywhere; only a keyed hash stays, by which the address is never mailed again."""
    from hairfeed.subscribers.addresses import address
    from hairfeed.subscribers.erasure import erase

    settings, known = load_settings(config), address(email)
    if not yes:
        typer.confirm(f"Forget {known}? This cannot be undone.", abort=True)
    with writing(settings) as connection:
        done = erase(connection, known, clock(now, settings))
    print(f"{known}: erased" if done else f"{known}: was not known; it will not be mailed")


@commands.command()
def form(
    language: Annotated[str, typer.Option("--language", help="Of its words, like de; else the site's.")] = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print a subscribe form for the site's own pages: plain HTML."""
    from hairfeed.web.snippet import snippet

    print(snippet(load_settings(config), language), end="")
