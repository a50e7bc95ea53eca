"""Whose request a link confirms: that of the sign-up whose mail it came by, whatever others type into forms meanwhile."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.consents import Consent, consents_of
from hairfeed.store.schema.subscribers import sign_ups
from hairfeed.store.subscribers import all_subscriptions
from tests.conftest import Publication
from tests.web.readers import READER, Readers

PENDING, CONFIRMED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """Consents say from which network they came; the site has two categories."""
    publication = Publication(tmp_path_factory.mktemp("first") / "site")
    for name, category in (("brushing", "Hair Care"), ("shedding", "Hair Loss")):
        publication.page(name, category=category)
    publication.run()
    return publication


@pytest.fixture
def readers(first: Publication, tmp_path: Path) -> Iterator[Readers]:
    """The same for every test, with pages."""
    readers = Readers(first.copied(tmp_path / "site"), 'record_address = true\ntrusted_proxies = ["192.0.2.0/24"]\n')
    yield readers
    readers.close()


def sign_up(readers: Readers, client: str, *newsletters: str, **fields: object) -> None:
    readers.post(
        "/",
        {"email": READER, "newsletter": list(newsletters), "stamp": readers.stamp(), **fields},
        headers={"X-Forwarded-For": client},
    )


def confirm(readers: Readers, link: str) -> None:
    shown = re.findall(r'name="newsletter" value="([\w,]+)"', readers.get(link).text)
    readers.post(link, {"action": "confirm", "newsletter": shown})


def proofs(readers: Readers) -> dict[str, Consent]:
    with readers.ledger.read() as connection:
        return {one.newsletter: one for one in consents_of(connection, readers.number()) if one.given_at}


def waiting(readers: Readers) -> int:
    with readers.ledger.read() as connection:
        return len(connection.execute(select(sign_ups)).all())


def test_what_a_stranger_types_after_the_mail_is_not_what_its_link_confirms(readers: Readers) -> None:
    sign_up(readers, "198.51.100.1", "weekly", topic=["hair-loss"])
    asked_at = readers.now
    readers.run()
    sign_up(readers, "203.0.113.9", "weekly", topic=["hair-care"], lang="de", name="Mallory")
    readers.run()
    confirm(readers, readers.confirm_link())
    proof = proofs(readers)["weekly"]
    assert (proof.asked_at, proof.network_address, proof.topics) == (asked_at, "198.51.100.1", "hair-loss")
    assert "By pressing Subscribe" in proof.wording
    with readers.ledger.read() as connection:
        assert [one.topics for one in all_subscriptions(connection)] == ["hair-loss"]
    assert len(readers.letters()) == 1


def test_each_mail_confirms_what_it_asked(readers: Readers) -> None:
    sign_up(readers, "", "weekly", topic=["hair-loss"])
    readers.run()
    first, asked_at = readers.confirm_link(), readers.now
    readers.later(hours=7)
    sign_up(readers, "", "weekly", topic=["hair-care"])
    readers.run()
    assert len(readers.letters()) == 2
    confirm(readers, first)
    proof = proofs(readers)["weekly"]
    assert (proof.topics, proof.asked_at) == ("hair-loss", asked_at)
    # The other mail's request has gone with it: its link has nothing to confirm any more.
    readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": ["weekly"]})
    with readers.ledger.read() as connection:
        assert len(consents_of(connection, readers.number())) == 1


def test_a_newsletter_that_no_mail_has_asked_about_gets_one_when_its_time_comes(readers: Readers) -> None:
    sign_up(readers, "", "weekly")
    readers.run()
    readers.later(minutes=5)
    sign_up(readers, "", "monthly")
    assert readers.run().subscribers.letters == 0
    assert (readers.states(), waiting(readers)) == ({"weekly": PENDING}, 1)
    confirm(readers, readers.confirm_link())
    assert readers.states() == {"weekly": CONFIRMED}
    readers.later(hours=6)
    assert readers.run().subscribers.letters == 1
    assert "Plain Hair Monthly" in readers.letters()[-1].subject
    assert waiting(readers) == 0
    confirm(readers, readers.confirm_link())
    assert readers.states() == {"weekly": CONFIRMED, "monthly": CONFIRMED}


def test_sign_ups_before_the_mail_are_asked_in_one_and_proven_each(readers: Readers) -> None:
    sign_up(readers, "", "weekly")
    first = readers.now
    sign_up(readers, "", "monthly", lang="de")
    assert readers.run().subscribers.letters == 1
    confirm(readers, readers.confirm_link())
    found = proofs(readers)
    assert found["weekly"].asked_at == first
    assert found["weekly"].wording != found["monthly"].wording


def test_what_somebody_else_asks_does_not_touch_who_has_left(readers: Readers) -> None:
    sign_up(readers, "", "weekly", topic=["hair-loss"])
    readers.run()
    confirm(readers, readers.confirm_link())
    readers.post(readers.unsubscribe_link(), {"List-Unsubscribe": "One-Click"})
    readers.later(hours=7)
    sign_up(readers, "", "weekly", topic=["hair-care"])
    readers.run()
    readers.post(readers.unsubscribe_link(), {"action": "undo"})
    with readers.ledger.read() as connection:
        assert [(one.state, one.topics) for one in all_subscriptions(connection)] == [(CONFIRMED, "hair-loss")]


def test_a_request_that_nobody_confirms_is_forgotten_and_its_link_says_begin_again(readers: Readers) -> None:
    sign_up(readers, "", "weekly", "monthly")
    readers.run()
    link = readers.confirm_link()
    readers.later(days=29)
    readers.run()
    assert set(readers.states()) == {"weekly", "monthly"}
    assert "Mail me a new link" in readers.get(link).text
    readers.later(days=2)
    readers.run()
    assert readers.states() == {}
    page = readers.get(link)
    assert page.status_code == 410
    assert "begin again" in page.text
    assert "Mail me a new link" not in page.text
    readers.post(link, {"action": "renew"})
    assert waiting(readers) == 0


def test_what_nobody_confirmed_is_forgotten_of_who_had_left_too(readers: Readers) -> None:
    readers.join(READER, "weekly")
    readers.post(readers.unsubscribe_link(), {"List-Unsubscribe": "One-Click"})
    readers.later(days=1)
    sign_up(readers, "198.51.100.1", "weekly")
    readers.run()
    readers.later(days=31)
    readers.run()
    assert readers.states() == {"weekly": SubscriptionState.UNSUBSCRIBED}
    with readers.ledger.read() as connection:
        assert [one.network_address for one in consents_of(connection, readers.number())] == ["192.0.2.1"]


def test_who_reads_another_newsletter_stays_when_a_request_is_forgotten(readers: Readers) -> None:
    readers.join(READER, "weekly")
    readers.later(days=1)
    sign_up(readers, "", "monthly")
    readers.run()
    readers.later(days=31)
    readers.run()
    assert readers.states() == {"weekly": CONFIRMED}
    assert set(proofs(readers)) == {"weekly"}
