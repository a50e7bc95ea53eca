"""The links in mails: confirm, choose, leave, come back."""

import re

import pytest

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.consents import consents_of
from hairfeed.store.subscribers import all_subscriptions
from tests.web.readers import BASE, READER, Readers

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
CONFIRM = {"action": "confirm", "newsletter": ["weekly", "monthly"]}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
OTHER = "other@example.net"


def title(page: str) -> str:
    found = re.search("<h1[^>]*>([^<]+)</h1>", page)
    assert found is not None
    return found[1]


def buttons(page: str) -> list[str]:
    return re.findall('<button type="submit"[^>]*>([^<]+)</button>', page)


def sent_by(page: str) -> dict[str, list[str]]:
    """What the first button of a page sends."""
    names: dict[str, list[str]] = {}
    for name, value in re.findall(r'<(?:input type="hidden"|button[^>]*) name="([^"]+)" value="([^"]*)"', page):
        if name != "action" or name not in names:
            names.setdefault(name, []).append(value)
    return names


def language(page: str) -> str:
    found = re.search('<html lang="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_confirming_again_says_so_and_changes_nothing(readers: Readers) -> None:
    readers.sign_up()
    readers.run()
    link = readers.confirm_link()
    assert buttons(readers.get(link).text) == ["Confirm"]
    first = readers.post(link, CONFIRM)
    assert (first.status_code, first.headers["location"]) == (303, f"{_path_of(link)}?done=1")
    assert title(readers.get(f"{link}?done=1").text) == "You are subscribed"
    before = readers.rows()
    readers.later(hours=1)
    assert readers.post(link, CONFIRM).status_code == 303
    page = readers.get(link).text
    assert (title(page), buttons(page), "already" in page) == ("You are subscribed", [], True)
    assert readers.rows() == before


def test_only_what_the_page_showed_is_confirmed(readers: Readers) -> None:
    readers.sign_up(READER, "weekly", "monthly")
    readers.run()
    readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": ["weekly"]})
    assert readers.states() == {"weekly": CONFIRMED, "monthly": PENDING}


def test_a_link_of_one_newsletter_confirms_no_other(readers: Readers) -> None:
    readers.sign_up(READER, "weekly")
    readers.run()
    link = readers.confirm_link()
    readers.later(days=1)
    readers.sign_up(READER, "monthly")
    readers.run()
    readers.post(link, CONFIRM)
    assert readers.states() == {"weekly": CONFIRMED, "monthly": PENDING}


def test_an_old_link_offers_a_new_one(readers: Readers) -> None:
    readers.sign_up(lang="de")
    readers.run()
    old = readers.confirm_link()
    readers.later(days=4)
    page = readers.get(old)
    assert (page.status_code, len(buttons(page.text))) == (410, 1)
    assert readers.post(old, CONFIRM).status_code == 410
    assert readers.states() == {"weekly": PENDING}
    assert readers.post(old, {"action": "renew"}).headers["location"] == "/mail/sent?lang=en"
    readers.run()
    new = readers.confirm_link()
    assert new != old
    readers.post(new, CONFIRM)
    assert readers.states() == {"weekly": CONFIRMED}
    readers.post(old, {"action": "renew"})
    assert readers.run().subscribers.letters == 0


def test_a_confirmation_does_not_bring_back_who_has_left(readers: Readers) -> None:
    readers.join()
    link = readers.confirm_link()
    readers.post(readers.unsubscribe_link(), ONE_CLICK)
    readers.post(link, CONFIRM)
    assert readers.states() == {"weekly": UNSUBSCRIBED}
    assert title(readers.get(link).text) == "Nothing to confirm"


@pytest.mark.parametrize("way", ["form", "multipart"])
def test_one_click_is_answered_at_once_without_a_redirect_or_a_cookie(readers: Readers, way: str) -> None:
    readers.join()
    link = readers.unsubscribe_link()
    answer = readers.post(link, ONE_CLICK) if way == "form" else readers.post(link, files={"List-Unsubscribe": (None, "One-Click")})
    assert (answer.status_code, answer.text) == (200, "You are unsubscribed.\n")
    assert "set-cookie" not in answer.headers
    assert readers.states() == {"weekly": UNSUBSCRIBED}


def test_one_click_is_for_ever_and_for_one_newsletter_and_twice_is_once(readers: Readers) -> None:
    readers.join(READER, "weekly", "monthly")
    link = readers.unsubscribe_link()
    readers.later(days=4000)
    assert readers.post(link, ONE_CLICK).status_code == 200
    before = readers.rows()
    readers.later(days=1)
    assert readers.post(link, ONE_CLICK).status_code == 200
    assert readers.rows() == before
    assert readers.states() == {"weekly": UNSUBSCRIBED, "monthly": CONFIRMED}


def test_a_newsletter_that_left_the_config_can_still_be_left(readers: Readers) -> None:
    readers.join(READER, "monthly")
    link = readers.unsubscribe_link(READER, "monthly")
    readers.close()
    readers.publication.configure('[newsletters.monthly]\ntitle = "Plain Hair Monthly"\nschedule = "0 8 1 * *"\n', "")
    readers.open()
    assert buttons(readers.get(link).text) == ["Unsubscribe"]
    assert readers.post(link, ONE_CLICK).status_code == 200
    assert readers.states() == {"monthly": UNSUBSCRIBED}


def test_the_page_lets_leave_one_or_all(readers: Readers) -> None:
    readers.join(READER, "weekly", "monthly")
    link = readers.unsubscribe_link()
    assert buttons(readers.get(link).text) == ["Unsubscribe", "Unsubscribe from everything"]
    answer = readers.post(link, {"action": "leave-all"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{_path_of(link)}?done=1")
    assert readers.states() == {"weekly": UNSUBSCRIBED, "monthly": UNSUBSCRIBED}


def test_leaving_can_be_undone_and_the_undoing_is_proven(readers: Readers) -> None:
    readers.join(READER, "weekly", "monthly")
    link = readers.unsubscribe_link()
    readers.post(link, {"action": "leave"})
    readers.later(minutes=5)
    readers.post(link, {"action": "leave-all"})
    (undo,) = buttons(readers.get(link).text)
    readers.later(minutes=1)
    answer = readers.post(link, {"action": "undo"})
    assert answer.headers["location"] == f"{_path_of(link)}?undone=1"
    assert title(readers.get(f"{link}?undone=1").text) == "You are subscribed"
    # What was left before stays so: only the last leaving is undone.
    assert readers.states() == {"weekly": UNSUBSCRIBED, "monthly": CONFIRMED}
    with readers.ledger.read() as connection:
        proof = consents_of(connection, readers.number())[-1]
    assert (proof.newsletter, proof.wording, proof.given_at) == ("monthly", undo, readers.now)


@pytest.mark.parametrize(("asked", "accepted"), [("?lang=de", "fr"), ("", "de"), ("?lang=ar", "")])
def test_the_proof_of_an_undo_is_what_stood_on_the_button(readers: Readers, asked: str, accepted: str) -> None:
    readers.join()
    readers.post(readers.unsubscribe_link(), ONE_CLICK)
    page = readers.get(readers.unsubscribe_link() + asked, headers={"Accept-Language": accepted}).text
    # The browser may be set to another language by now; it sends what the form holds.
    answer = readers.post(readers.unsubscribe_link(), sent_by(page), headers={"Accept-Language": "es"})
    with readers.ledger.read() as connection:
        proof = consents_of(connection, readers.number())[-1]
    assert [proof.wording] == buttons(page)
    assert language(readers.client.get(answer.headers["location"]).text) == language(page)


def test_a_page_stays_in_the_language_in_which_it_was_opened(readers: Readers) -> None:
    readers.sign_up()
    readers.run()
    confirm = readers.confirm_link()
    preferences = readers.links().preferences(readers.number(), "weekly")
    for link in (confirm, preferences, readers.unsubscribe_link()):
        answer = readers.post(link, sent_by(readers.get(f"{link}?lang=fr").text))
        assert language(readers.client.get(answer.headers["location"]).text) == "fr", link
    readers.sign_up(OTHER)
    readers.run()
    old = readers.confirm_link()
    readers.later(days=4)
    answer = readers.post(old, sent_by(readers.get(f"{old}?lang=fr").text))
    assert answer.headers["location"] == "/mail/sent?lang=fr"
    bad = readers.post(preferences, {"action": "save", "name": "www.example.com", "lang": "nonsense"})
    assert language(bad.text) == "en"


def test_a_click_of_a_mail_program_can_be_undone_too(readers: Readers) -> None:
    readers.join()
    link = readers.unsubscribe_link()
    readers.post(link, ONE_CLICK)
    assert len(buttons(readers.get(link).text)) == 1
    readers.post(link, {"action": "undo"})
    assert readers.states() == {"weekly": CONFIRMED}


def test_undo_ends_after_a_day_and_is_not_for_who_never_confirmed_or_is_suppressed(readers: Readers) -> None:
    readers.join()
    link = readers.unsubscribe_link()
    readers.post(link, {"action": "leave"})
    readers.later(days=1)
    readers.sign_up(OTHER)
    readers.run()
    never = readers.unsubscribe_link(OTHER)
    readers.post(never, {"action": "leave"})
    readers.join("complained@example.net")
    suppressed = readers.unsubscribe_link("complained@example.net")
    readers.post(suppressed, {"action": "leave"})
    readers.suppress("complained@example.net")
    for gone in (link, never, suppressed):
        assert buttons(readers.get(gone).text) == []
        readers.post(gone, {"action": "undo"})
    assert {*readers.states().values(), *readers.states(OTHER).values()} == {UNSUBSCRIBED}
    assert readers.states("complained@example.net") == {"weekly": UNSUBSCRIBED}


def test_a_name_and_a_choice_of_topics_are_saved(readers: Readers) -> None:
    for name, category in (("one", "Hair Loss"), ("two", "Hair Care"), ("three", "Scalp")):
        readers.publication.page(name, category=category)
    readers.run()
    readers.join()
    link = readers.links().preferences(readers.number(), "weekly")
    assert re.findall(r'name="topic-weekly" value="([\w-]+)"', readers.get(link).text) == ["hair-care", "hair-loss", "scalp"]
    answer = readers.post(link, {"action": "save", "name": "Ann", "topic-weekly": ["scalp", "hair-loss", "nonsense"]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{_path_of(link)}?saved=1")
    page = readers.get(f"{link}?saved=1").text
    assert "saved" in page
    assert 'value="Ann"' in page
    assert re.findall(r'value="([\w-]+)" checked', page) == ["hair-loss", "scalp"]
    assert _topics(readers) == "hair-loss,scalp"
    readers.post(link, {"action": "save", "topic-weekly": ["scalp", "hair-loss", "hair-care"]})
    assert _topics(readers) == ""


def test_who_chooses_is_led_to_the_newsletters_that_they_do_not_get(readers: Readers) -> None:
    readers.join(READER, "weekly")
    link = readers.links().preferences(readers.number(), "weekly")
    assert f'<a href="{BASE}/?lang=en">See our other newsletters</a>' in readers.get(link).text
    assert f'<a href="{BASE}/?lang=de">Unsere anderen Newsletter ansehen</a>' in readers.get(f"{link}?lang=de").text
    readers.later(minutes=400)
    readers.join(READER, "monthly")
    assert "See our other newsletters" not in readers.get(link).text


def test_a_bad_name_is_shown_again_and_nothing_is_saved(readers: Readers) -> None:
    readers.join(name="Ann")
    link = readers.links().preferences(readers.number(), "weekly")
    before = readers.rows()
    answer = readers.post(link, {"action": "save", "name": "http://example.com"})
    assert answer.status_code == 422
    assert "http://example.com" in answer.text
    assert readers.rows() == before


def test_the_newsletter_that_led_to_the_page_comes_first_and_each_can_be_left(readers: Readers) -> None:
    readers.join(READER, "weekly", "monthly")
    page = readers.get(readers.links().preferences(readers.number(), "weekly")).text
    assert re.findall("<h2[^>]*>([^<]+)</h2>", page) == ["Plain Hair Weekly", "Plain Hair Monthly"]
    first, second = re.findall(r'href="(https://[^"]+/u/[^"]+)"', page)
    readers.post(second, {"action": "leave"})
    assert readers.states() == {"weekly": CONFIRMED, "monthly": UNSUBSCRIBED}
    readers.post(first, {"action": "leave"})
    assert title(readers.get(readers.links().preferences(readers.number(), "weekly")).text) == "Your subscriptions"


def test_links_of_an_erased_reader_lead_nowhere_and_belong_to_nobody_else(readers: Readers) -> None:
    readers.join()
    number = readers.number()
    links = [readers.confirm_link(), readers.unsubscribe_link(), readers.links().preferences(number, "weekly")]
    readers.erase()
    readers.join(OTHER)
    assert readers.number(OTHER) != number
    before = readers.rows()
    readers.later(minutes=5)
    for link in links:
        assert readers.get(link).status_code == 200
        assert OTHER not in readers.get(link).text
        for fields in (CONFIRM, ONE_CLICK, {"action": "undo"}, {"action": "leave-all"}, {"action": "save", "name": "Eve"}):
            readers.post(link, fields)
    assert readers.rows() == before


def test_pages_speak_the_language_that_was_chosen_or_asked_for(readers: Readers) -> None:
    readers.join()
    link = readers.unsubscribe_link()
    assert '<html lang="de" dir="ltr">' in readers.get(link, headers={"Accept-Language": "de-AT, en;q=0.5"}).text
    assert '<html lang="ar" dir="rtl">' in readers.get(f"{link}?lang=ar").text
    assert '<html lang="en" dir="ltr">' in readers.get(f"{link}?lang=tlh", headers={"Accept-Language": "tlh"}).text
    assert 'lang="en" dir="ltr">Plain Hair</a>' in readers.get(f"{link}?lang=ar").text


def _topics(readers: Readers) -> str:
    with readers.ledger.read() as connection:
        (one,) = all_subscriptions(connection)
    return one.topics


def _path_of(link: str) -> str:
    return link.removeprefix("https://hair.example.org")
