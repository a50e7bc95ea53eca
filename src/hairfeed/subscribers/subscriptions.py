"""Join and leave: what the operator may do to a subscription, and what not."""

from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from hairfeed.errors import SubscriberError
from hairfeed.models import SubscriptionState
from hairfeed.store import subscribers
from hairfeed.store.database import Connection
from hairfeed.text.merge import without_tokens
from hairfeed.text.words import one_line

LONGEST_NAME = 100
"""Characters."""
BY_OPERATOR = "operator, on the command line"
CONFIRMED_BY_OPERATOR = "The operator vouches that the reader asked for this newsletter."


def address(text: str) -> str:
    """The address as the ledger keeps it: lower case, because no provider tells cases apart, and two spellings are one reader.

    A domain in another script is kept in its ASCII form (RFC 5891), which every relay takes; before the @ there is no such form.

    Raises:
        SubscriberError: it is no address, or one that not every provider can mail.
    """
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True, allow_smtputf8=False, strict=True)
        return (found.ascii_email or found.normalized).lower()
    except EmailNotValidError as error:
        raise SubscriberError(f"{text!r} is no e-mail address: {error}") from error


def name(text: str) -> str:
    """What mails call a reader, in one line.

    Raises:
        SubscriberError: it is longer than any name.
    """
    plain = without_tokens(one_line(text))
    if len(plain) > LONGEST_NAME:
        raise SubscriberError(f"{plain[:20]!r}…: a name has at most {LONGEST_NAME} characters")
    return plain


def add(connection: Connection, email: str, newsletter: str, now: datetime, *, confirmed: bool) -> SubscriptionState:
    """Let a reader join; without `confirmed` they wait, unmailed, for their own word. The state after it.

    Raises:
        SubscriberError: they left, or must never be mailed: only they can come back.
    """
    reason = subscribers.suppression_reason(connection, email)
    if reason is not None:
        raise SubscriberError(f"{email}: suppressed ({reason}); it will not be mailed")
    subscriber = subscribers.subscriber_id(connection, email, now)
    state = subscribers.subscription_state(connection, subscriber, newsletter)
    if state is SubscriptionState.UNSUBSCRIBED:
        raise SubscriberError(f"{email}: has left {newsletter}; only the reader can join again")
    if state is SubscriptionState.CONFIRMED or (state is SubscriptionState.PENDING and not confirmed):
        return state
    if confirmed:
        subscribers.record_consent(connection, subscriber, newsletter, now, BY_OPERATOR, CONFIRMED_BY_OPERATOR)
    wanted = SubscriptionState.CONFIRMED if confirmed else SubscriptionState.PENDING
    subscribers.set_subscription(connection, subscriber, newsletter, wanted, now)
    return wanted


def unsubscribe(connection: Connection, email: str, newsletter: str, now: datetime) -> bool:
    """Let a reader leave; False when they had left before.

    Also one that HairFeed never heard of: nobody must bring them in later.
    """
    subscriber = subscribers.subscriber_id(connection, email, now)
    if subscribers.subscription_state(connection, subscriber, newsletter) is SubscriptionState.UNSUBSCRIBED:
        return False
    subscribers.set_subscription(connection, subscriber, newsletter, SubscriptionState.UNSUBSCRIBED, now)
    return True
