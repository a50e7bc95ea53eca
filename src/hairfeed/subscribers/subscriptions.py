"""Join and leave: what the operator may do to a subscription, and what not."""

from datetime import datetime

from hairfeed.errors import SubscriberError
from hairfeed.models.subscribers import ASKED_BY_OPERATOR, SignUp, SubscriptionState
from hairfeed.schedule.zones import known
from hairfeed.store import consents, sign_ups, subscribers
from hairfeed.store.consents import Consent
from hairfeed.store.database import Connection
from hairfeed.subscribers.addresses import address, is_erased, suppression_reason
from hairfeed.text.merge import without_tokens
from hairfeed.text.words import one_line

__all__ = ["BY_OPERATOR", "CONFIRMED_BY_OPERATOR", "add", "address", "ask", "name", "time_zone", "unsubscribe"]

LONGEST_NAME = 100
"""Characters."""
BY_OPERATOR = "operator, on the command line"
CONFIRMED_BY_OPERATOR = "The operator vouches that the reader asked for this newsletter."


def name(text: str) -> str:
    """What mails call a reader, in one line.

    Raises:
        SubscriberError: it is longer than any name.
    """
    plain = without_tokens(one_line(text))
    if len(plain) > LONGEST_NAME:
        raise SubscriberError(f"{plain[:20]!r}…: a name has at most {LONGEST_NAME} characters")
    return plain


def time_zone(text: str) -> str:
    """Where a reader is, as an IANA name; empty where that is not known.

    Raises:
        SubscriberError: no time zone is called so.
    """
    if text and text not in known():
        raise SubscriberError(f"no time zone is called {text!r}; use a name like Europe/Berlin")
    return text


def add(connection: Connection, email: str, newsletter: str, now: datetime, *, confirmed: bool) -> SubscriptionState:
    """Let a reader join; without `confirmed` they wait, unmailed, for their own word. The state after it.

    Raises:
        SubscriberError: they left, or must never be mailed: only they can come back.
    """
    reason = suppression_reason(connection, email)
    if reason is not None:
        raise SubscriberError(f"{email}: suppressed ({reason}); it will not be mailed")
    subscriber = subscribers.subscriber_id(connection, email, now)
    state = subscribers.subscription_state(connection, subscriber, newsletter)
    if state is SubscriptionState.UNSUBSCRIBED:
        raise SubscriberError(f"{email}: has left {newsletter}; only the reader can join again")
    if state is SubscriptionState.CONFIRMED or (state is SubscriptionState.PENDING and not confirmed):
        return state
    if confirmed:
        consents.record(connection, subscriber, Consent(newsletter, now, now, BY_OPERATOR, CONFIRMED_BY_OPERATOR))
    wanted = SubscriptionState.CONFIRMED if confirmed else SubscriptionState.PENDING
    subscribers.set_subscription(connection, subscriber, newsletter, wanted, now)
    return wanted


def ask(connection: Connection, email: str, newsletter: str, now: datetime, topics: str = "", language: str = "") -> None:
    """Have the next pass mail a reader who waits for their own word the link to confirm; choices as subscriptions keep them."""
    asked = SignUp(
        asked_at=now,
        email=email,
        newsletters={newsletter: topics},
        language=language,
        source=BY_OPERATOR,
        wording=ASKED_BY_OPERATOR,
    )
    sign_ups.add(connection, asked)


def unsubscribe(connection: Connection, email: str, newsletter: str, now: datetime) -> bool:
    """Let a reader leave; False when they had left before.

    Also one that HairFeed never heard of: nobody must bring them in later. Who was erased has left, and stays forgotten.
    """
    if is_erased(connection, email):
        return False
    subscriber = subscribers.subscriber_id(connection, email, now)
    if subscribers.subscription_state(connection, subscriber, newsletter) is SubscriptionState.UNSUBSCRIBED:
        return False
    subscribers.set_subscription(connection, subscriber, newsletter, SubscriptionState.UNSUBSCRIBED, now)
    return True
