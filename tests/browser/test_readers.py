"""A reader's whole life with a newsletter, in a browser; and a look at every page on the way."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import update

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.schema.subscribers import subscriptions
from hairfeed.store.subscribers import all_subscriptions, subscriber_id
from hairfeed.subscribers.subscriptions import add
from hairfeed.text.tokens import Bearer, Purpose, sign
from hairfeed.text.translations import translations
from hairfeed.web.challenge import WITHOUT_SOLUTION
from hairfeed.web.joining import wording_version
from tests.browser.browser import MISSING, Browser
from tests.browser.served import Served
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.web.readers import READER, SITE

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

CONFIRMED, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
PICTURES = os.environ.get("PICTURES")
"""A folder for pictures of all pages, to be looked at by people."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Nobody has subscribed yet."""
    found = Served(Publication(tmp_path_factory.mktemp("served") / "site"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Whoever subscribes solves a task."""
    found = Served(Publication(tmp_path_factory.mktemp("guarded") / "site"), "challenge = true\n")
    yield found
    found.close()


def test_a_readers_life_goes_by_the_pages_alone(served: Served, chromium: Browser) -> None:
    chromium.open(f"{served.base}/")
    chromium.fill("E-mail address", READER)
    chromium.fill("Name (optional)", "Ann")
    chromium.choose("Scalp")
    assert chromium.press("Subscribe").title == "Look into your mailbox"
    served.run()
    assert chromium.open(served.confirm_link()).title == "Confirm your subscription"
    assert served.states() != {"weekly": CONFIRMED}
    assert chromium.press("Confirm").title == "You are subscribed"
    assert served.states() == {"weekly": CONFIRMED}

    preferences = served.links().preferences(served.number(), "weekly")
    chromium.open(preferences)
    chromium.choose("Hair Loss")
    assert "Your choice is saved." in chromium.press("Save").text
    with served.ledger.read() as connection:
        (subscription,) = all_subscriptions(connection)
    assert subscription.topics == "hair-loss,scalp"

    served.publication.page("swimming", date="13-8-2024", category="Scalp")
    served.publication.run(NEXT_FRIDAY)
    assert [mail["To"] for mail in served.publication.mails().values() if mail["List-Id"]] == [READER]

    (mail,) = [mail for mail in served.publication.mails().values() if mail["List-Id"]]
    link = mail["List-Unsubscribe"].partition(">")[0].removeprefix("<")
    assert chromium.open(link).title == "Unsubscribe"
    assert chromium.press("Unsubscribe").title == "You are unsubscribed"
    assert served.states() == {"weekly": UNSUBSCRIBED}
    assert chromium.press("Undo: I want to stay subscribed").title == "You are subscribed"
    assert served.states() == {"weekly": CONFIRMED}
    one_click = requests.post(link, {"List-Unsubscribe": "One-Click"}, allow_redirects=False, timeout=60)
    assert (one_click.status_code, one_click.cookies.get_dict()) == (200, {})
    assert served.states() == {"weekly": UNSUBSCRIBED}
    assert chromium.open(link).title == "You are unsubscribed"


def test_a_scanner_with_a_browser_changes_nothing(served: Served, chromium: Browser) -> None:
    scanned = "scanned@example.net"
    form = {"email": scanned, "newsletter": "weekly", "lang": "en", "form": wording_version(translations("en"))}
    requests.post(f"{served.base}/", form, headers={"Origin": SITE}, timeout=60)
    served.run()
    number = served.number(scanned)
    links = [served.confirm_link(), served.unsubscribe_link(scanned), served.links().preferences(number, "weekly")]
    before = served.rows()
    for _ in range(5):
        for link in links:
            chromium.open(link)
    assert served.rows() == before
    assert served.states(scanned) == {"weekly": SubscriptionState.PENDING}


def test_a_browser_solves_the_challenge(guarded: Served, chromium: Browser) -> None:
    chromium.open(f"{guarded.base}/")
    chromium.fill("E-mail address", READER)
    opened_at = guarded.now
    assert chromium.press("Subscribe").title == "Look into your mailbox"
    assert guarded.now - opened_at < WITHOUT_SOLUTION
    guarded.run()
    assert guarded.states() == {"weekly": SubscriptionState.PENDING}


def test_whoever_has_no_javascript_waits(guarded: Served, chromium: Browser) -> None:
    patient = "patient@example.net"
    assert "half a minute" in chromium.open(f"{guarded.base}/", scripts=False).text
    chromium.fill("E-mail address", patient)
    assert "Please wait" in chromium.press("Subscribe").text
    guarded.now += WITHOUT_SOLUTION
    assert chromium.press("Subscribe").title == "Look into your mailbox"
    guarded.run()
    assert guarded.states(patient) == {"weekly": SubscriptionState.PENDING}


def test_every_page_is_fit_for_everybody(served: Served, guarded: Served, chromium: Browser) -> None:
    """One page of each kind, one of them from right to left; those that come of a form are made by it."""
    seen, gone, silent = "seen@example.net", "gone@example.net", "silent@example.net"
    with served.ledger.write() as connection:
        for reader in (seen, gone, silent):
            add(connection, reader, "weekly", served.now, confirmed=True)
        asked = update(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id(connection, silent, served.now))
        connection.execute(asked.values(asked_to_stay_at=served.now))
    old = sign(served.links().secret, Purpose.CONFIRM, Bearer(served.number(seen), "weekly"), FRIDAY)
    leave = served.unsubscribe_link(seen)
    requests.post(served.unsubscribe_link(gone), {"action": "leave"}, timeout=60)
    form = {"email": "new@example.net", "newsletter": "weekly", "form": wording_version(translations("en"))}
    requests.post(f"{served.base}/", form, headers={"Origin": SITE}, timeout=60)
    served.run()
    pages = {
        "subscribe": f"{served.base}/",
        "subscribe, Arabic": f"{served.base}/?lang=ar",
        "subscribe with a challenge": f"{guarded.base}/",
        "subscribe with a challenge, Arabic": f"{guarded.base}/?lang=ar",
        "sent": f"{served.base}/sent",
        "confirm": served.confirm_link(),
        "confirm, Arabic": f"{served.confirm_link()}?lang=ar",
        "confirmed": served.links().confirm(served.number(seen), "weekly", served.now + timedelta(days=9)),
        "too old, and nothing waits": f"{served.base}/c/{old}",
        "preferences": f"{served.links().preferences(served.number(seen), 'weekly')}?saved=1",
        "preferences, Arabic": f"{served.links().preferences(served.number(seen), 'weekly')}?lang=ar",
        "stay": served.links().stay(served.number(silent), "weekly"),
        "stay, German": f"{served.links().stay(served.number(silent), 'weekly')}?lang=de",
        "stay, Arabic": f"{served.links().stay(served.number(silent), 'weekly')}?lang=ar",
        "leave": leave,
        "left": served.unsubscribe_link(gone),
        "left, Arabic": f"{served.unsubscribe_link(gone)}?lang=ar",
        "left, German": f"{served.unsubscribe_link(gone)}?lang=de",
        "no link": f"{served.base}/u/nonsense",
    }
    pictures = Path(PICTURES) if PICTURES else None
    faults = [fault for name, url in pages.items() for fault in chromium.look(name, url, picture=pictures)]
    wrong = {"fill": {"E-mail address": "nonsense", "Name (optional)": "www.example.com"}, "press": "Subscribe"}
    faults += chromium.look("faults", f"{served.base}/", wrong, pictures)
    served.now += timedelta(days=4)
    faults += chromium.look("too old", pages["confirm"], picture=pictures)
    faults += chromium.look("too old, Arabic", pages["confirm, Arabic"], picture=pictures)
    assert faults == []
