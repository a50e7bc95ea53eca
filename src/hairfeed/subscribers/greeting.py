"""Writes to who has just confirmed or left, where the newsletter wants that."""

from collections.abc import Sequence
from datetime import datetime

from hairfeed.models.issues import LetterKind
from hairfeed.models.subscribers import Greeting, SubscriptionState
from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.store import greetings, letters, subscribers
from hairfeed.store.database import Connection, Ledger
from hairfeed.store.secrets import secret
from hairfeed.subscribers.addresses import suppression_reason
from hairfeed.subscribers.writing import WriteGreeting
from hairfeed.text.reader_links import ReaderLinks

AT_ONCE = 50
"""Subscribers in one transaction."""

_STILL = {Greeting.WELCOME: SubscriptionState.CONFIRMED, Greeting.GOODBYE: SubscriptionState.UNSUBSCRIBED}


def work_off_greetings(ledger: Ledger, settings: Settings, web: Web, now: datetime, write: WriteGreeting) -> int:
    """Queue a letter for everyone who is to be greeted; how many.

    Raises:
        TemplateError: the mail cannot be made; they wait.
    """
    written = 0
    while True:
        with ledger.read() as connection:
            if not greetings.waiting(connection, 1):
                return written
        with ledger.write() as connection:
            waiting = greetings.waiting(connection, AT_ONCE)
            links = ReaderLinks(web.url, secret(connection, "links"))
            for (subscriber, kind), names in waiting.items():
                written += _greet(connection, settings, links, subscriber, kind, names, now, write)
            greetings.remove(connection, waiting)


def _greet(
    connection: Connection,
    settings: Settings,
    links: ReaderLinks,
    subscriber: int,
    kind: Greeting,
    names: Sequence[str],
    now: datetime,
    write: WriteGreeting,
) -> bool:
    found = subscribers.subscriber(connection, subscriber)
    if found is None or suppression_reason(connection, found.email) is not None:
        return False
    # Who has changed their mind since is not told what is no longer so.
    still = {one.newsletter: one for one in subscribers.subscriptions_of(connection, subscriber) if one.state is _STILL[kind]}
    wanted = [name for name in names if name in still and _is_wanted(settings, name, kind)]
    if not wanted:
        return False
    about = wanted[0] if len(wanted) == 1 else ""
    own = (links.unsubscribe(subscriber, about), links.preferences(subscriber, about), f"{links.base}/")
    written = write(connection, settings, kind, wanted, still[wanted[0]].language, found.name, own)
    mail = {"subject": written.subject, "text": written.text, "html": written.html}
    letters.queue(connection, LetterKind(kind), found.email, now, subscriber_id=subscriber, **mail)
    return True


def _is_wanted(settings: Settings, newsletter: str, kind: Greeting) -> bool:
    found = settings.newsletters.get(newsletter)
    return found is not None and (found.welcome if kind is Greeting.WELCOME else found.goodbye)
