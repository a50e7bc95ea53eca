"""What readers do themselves, by the links that only their mails hold: confirm, choose, stay, leave, come back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from hairfeed.models.subscribers import Greeting, SignUp, SubscriptionState
from hairfeed.store import consents, greetings, sign_ups, silence, subscribers
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.store.subscribers import Subscription
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.text.tokens import Bearer

UNDO_FOR = timedelta(days=1)
"""For so long leaving can be undone by its own link; later a reader subscribes anew."""
BY_UNDO = "undo, on the page to unsubscribe"
BY_STAYING = "the page that asks whether they stay, after their subscription had ended"
BY_RENEWAL = "a new link, asked for on the page of an old one"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the bearer of a link stands; all of it is empty for someone who was erased."""

    name: str = ""
    subscriptions: tuple[Subscription, ...] = ()
    """Those that the link is about."""
    waiting: tuple[Consent, ...] = ()
    """What they asked for and can confirm now; for a link to confirm, what its own mail was about."""

    def named(self, state: SubscriptionState) -> tuple[str, ...]:
        """The newsletters in one state."""
        return tuple(one.newsletter for one in self.subscriptions if one.state is state)


def standing(connection: Connection, bearer: Bearer) -> Standing:
    """How the bearer stands with what their link is about."""
    found = subscribers.subscriber(connection, bearer.subscriber_id)
    if found is None:
        return Standing()
    mine = [one for one in subscribers.subscriptions_of(connection, found.id) if bearer.newsletter in {"", one.newsletter}]
    asked = consents.waiting(connection, found.id, bearer.expires_at)
    waiting = [one for one in asked if bearer.newsletter in {"", one.newsletter}]
    return Standing(found.name, tuple(mine), tuple(waiting))


def confirm(connection: Connection, bearer: Bearer, shown: Collection[str], now: datetime) -> tuple[str, ...]:
    """The bearer wants the newsletters that the page has shown to them; those that are confirmed by it.

    What counts is what was asked for before the mail of this very link, whoever may have filled in forms since.
    """
    taken = [one for one in standing(connection, bearer).waiting if one.newsletter in shown]
    for one in taken:
        consents.confirm(connection, bearer.subscriber_id, one, now)
        subscribers.choose(connection, bearer.subscriber_id, one.newsletter, one.topics, one.language)
    names = tuple(one.newsletter for one in taken)
    come = subscribers.confirm(connection, bearer.subscriber_id, names, now)
    greetings.add(connection, bearer.subscriber_id, come, Greeting.WELCOME)
    return names


def ask_again(connection: Connection, bearer: Bearer, now: datetime) -> None:
    """The bearer's link was too old: as if they had sent the form again, with what they then agreed to."""
    found = subscribers.subscriber(connection, bearer.subscriber_id)
    if found is None:
        return
    for old in standing(connection, bearer).waiting:
        asked = SignUp(
            asked_at=now,
            email=found.email,
            newsletters={old.newsletter: old.topics},
            language=old.language,
            source=BY_RENEWAL,
            form=old.form,
            wording=old.wording,
            network_address=old.network_address,
        )
        sign_ups.add(connection, asked)


def leave(connection: Connection, bearer: Bearer, now: datetime, *, everything: bool = False) -> None:
    """End the subscription that the link is about, or all of them; once more changes nothing."""
    _leave(connection, bearer, now, everything=everything)


def leave_by_page(connection: Connection, bearer: Bearer, now: datetime, *, everything: bool = False) -> None:
    """As `leave`, by somebody who may be written a goodbye."""
    ended = _leave(connection, bearer, now, everything=everything)
    greetings.add(connection, bearer.subscriber_id, ended, Greeting.GOODBYE)


def _leave(connection: Connection, bearer: Bearer, now: datetime, *, everything: bool) -> list[str]:
    newsletters = None if everything or not bearer.newsletter else [bearer.newsletter]
    return subscribers.leave(connection, bearer.subscriber_id, newsletters, now)


def can_undo(connection: Connection, bearer: Bearer, now: datetime) -> tuple[str, ...]:
    """The newsletters that the bearer left last, lately, after they had confirmed them; none for an address not to be mailed."""
    found = subscribers.subscriber(connection, bearer.subscriber_id)
    if found is None:
        return ()
    left = [
        one
        for one in subscribers.subscriptions_of(connection, found.id)
        if one.state is SubscriptionState.UNSUBSCRIBED and now - one.changed_at < UNDO_FOR
    ]
    if not left or suppression_reason(connection, found.email) is not None:
        return ()
    given = {one.newsletter for one in consents.consents_of(connection, found.id) if one.given_at is not None}
    last = max(one.changed_at for one in left)
    return tuple(one.newsletter for one in left if one.changed_at == last and one.newsletter in given)


def come_back(connection: Connection, bearer: Bearer, wording: str, now: datetime) -> tuple[str, ...]:
    """Undo the bearer's leaving; `wording` is what they pressed. The newsletters that they get again."""
    back = can_undo(connection, bearer, now)
    for name in back:
        consents.record(connection, bearer.subscriber_id, Consent(name, now, now, BY_UNDO, wording))
    subscribers.confirm(connection, bearer.subscriber_id, back, now)
    return back


def choose(connection: Connection, bearer: Bearer, name: str, choices: dict[str, tuple[str, str]], now: datetime) -> None:
    """Keep the name, and by newsletter topics and language; of newsletters that the bearer does not get, nothing."""
    found = subscribers.subscriber(connection, bearer.subscriber_id)
    if found is None:
        return
    if name != found.name:
        subscribers.rename(connection, found.id, name)
    for one in subscribers.subscriptions_of(connection, found.id):
        if one.state is SubscriptionState.CONFIRMED and one.newsletter in choices:
            subscribers.choose(connection, found.id, one.newsletter, *choices[one.newsletter])
            silence.alive(connection, found.id, [one.newsletter], now)


def asked_to_stay(connection: Connection, bearer: Bearer) -> Subscription | None:
    """The subscription about which the bearer was asked whether they stay, and about which they have not answered yet.

    It may have ended for that; not for an address that must not be mailed.
    """
    found = subscribers.subscriber(connection, bearer.subscriber_id)
    if found is None or suppression_reason(connection, found.email) is not None:
        return None
    mine = {one.newsletter: one for one in subscribers.subscriptions_of(connection, found.id)}
    asked = mine.get(bearer.newsletter)
    return asked if asked is not None and asked.asked_to_stay_at is not None else None


def stay(connection: Connection, bearer: Bearer, wording: str, now: datetime) -> None:
    """The bearer still wants what they were asked about, as they say by `wording`; what ended by their silence goes on."""
    asked = asked_to_stay(connection, bearer)
    if asked is None:
        return
    if asked.is_retired:
        consents.record(connection, bearer.subscriber_id, Consent(asked.newsletter, now, now, BY_STAYING, wording))
        subscribers.confirm(connection, bearer.subscriber_id, [asked.newsletter], now)
    silence.alive(connection, bearer.subscriber_id, [asked.newsletter], now)
