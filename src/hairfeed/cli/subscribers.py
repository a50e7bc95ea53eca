"""`hairfeed subscribers …`: who is mailed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, Config, Now, Which, clock, group, newsletter_named, reading, writing
from hairfeed.errors import SubscriberError
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.settings import load_settings
from hairfeed.store.database import Connection

if TYPE_CHECKING:
    from hairfeed.store.subscribers import Subscription

commands = group("subscribers", "Who is mailed.")

Email = Annotated[str, typer.Argument(help="The reader's address.")]
Confirmed = Annotated[bool, typer.Option("--confirmed", help="You vouch that the reader asked for it.")]
_EVER = datetime.min.replace(tzinfo=UTC)
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
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show every subscription."""
    from hairfeed.store import subscribers

    settings = load_settings(config)
    with reading(settings) as connection:
        empty = True
        for one in subscribers.listed(connection, newsletter, state):
            print(f"{one.newsletter}  {one.state:<12}  {one.changed_at:%Y-%m-%d}  {one.email}")
            empty = False
    if empty and newsletter is not None:
        # It may have left the config and still have readers; without any, it is a slip.
        newsletter_named(newsletter, settings)


@commands.command()
def show(email: Email, config: Config = DEFAULT_CONFIG) -> None:
    """Show all that is kept of a reader."""
    from hairfeed.store import consents, events, letters, sign_ups, subscribers
    from hairfeed.subscribers.addresses import address, suppression_reason
    from hairfeed.text.words import one_line

    known = address(email)
    with reading(load_settings(config)) as connection:
        found = subscribers.find(connection, known)
        reason = suppression_reason(connection, known)
        mine = subscribers.subscriptions_of(connection, found.id) if found else []
        proofs = consents.consents_of(connection, found.id) if found else []
        mailed = list(_issue_lines(connection, found.id)) if found else []
        asked, written = sign_ups.of(connection, known), letters.written_to(connection, known)
        told = events.about(connection, [known], _EVER)[known]
    if not any((found, reason, asked, written, told)):
        raise SubscriberError(f"{known}: nothing is known of this address")
    if found is not None:
        lives = f", in {found.time_zone}" if found.time_zone else ""
        print(f"{known}{f' ({found.name})' if found.name else ''}, known since {found.created_at:%Y-%m-%d}{lives}")
    if reason is not None:
        print(f"never mailed: {one_line(reason)}")
    for one in mine:
        choices = "".join(f", {what} {value}" for what, value in (("topics", one.topics), ("language", one.language)) if value)
        print(f"{one.newsletter}: {one.state} since {one.changed_at:%Y-%m-%d %H:%M}{choices}{_silence(one)}")
    for proof in proofs:
        confirmed = f", confirmed {proof.given_at:%Y-%m-%d %H:%M}" if proof.given_at else ", not confirmed"
        where = f" from {proof.network_address}" if proof.network_address else ""
        form = f", form {proof.form}" if proof.form else ""
        print(f"{proof.newsletter}: asked {proof.asked_at:%Y-%m-%d %H:%M}{where} by {one_line(proof.source)}{form}{confirmed}")
        print(f"  “{one_line(proof.wording)}”")
    for sign_up in asked:
        print(f"asked {sign_up.asked_at:%Y-%m-%d %H:%M} for {', '.join(sign_up.newsletters)} by {sign_up.source}; waits for a pass")
    for kind, at in written:
        print(f"letter of {at:%Y-%m-%d %H:%M}: {kind}")
    for event in told:
        print(
            f"{event.at:%Y-%m-%d %H:%M}: {event.kind}, says {event.provider}{f': {one_line(event.reason)}' if event.reason else ''}"
        )
    for line in mailed:
        print(line)


def _issue_lines(connection: Connection, subscriber_id: int) -> Iterator[str]:
    """Which issues a reader was sent, and what they opened and followed in them."""
    from hairfeed.store import recipients, tracking

    for newsletter, number, url, at in tracking.of(connection, subscriber_id):
        yield f"{at:%Y-%m-%d %H:%M}: {newsletter} {number} was {f'followed to {url}' if url else 'opened'}"
    if issues := recipients.issues_of(connection, subscriber_id):
        yield f"issues: {', '.join(f'{name} {number}' for name, number in issues)}"


def _silence(one: "Subscription") -> str:
    active = f", last heard of {one.active_on:%Y-%m-%d}" if one.active_on else ""
    asked = f", asked whether they stay {one.asked_to_stay_at:%Y-%m-%d}" if one.asked_to_stay_at else ""
    return f"{active}{asked}{', did not answer' if one.is_retired else ''}"


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
