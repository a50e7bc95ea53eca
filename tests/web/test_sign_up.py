"""Subscribing: by the page, by a form on the site, by JSON; what is kept of it, and what keeps programs and pranks away."""

import re

import pytest
from sqlalchemy import select

from hairfeed.models.subscribers import SubscriptionState
from hairfeed.store.consents import consents_of
from hairfeed.store.schema.subscribers import attempts, sign_ups
from hairfeed.store.subscribers import all_subscriptions
from tests.conftest import NEXT_FRIDAY, Publication
from tests.web.readers import READER, Readers

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionState.PENDING, SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED
OTHER = "other@example.net"


def waiting(readers: Readers) -> list[str]:
    """The addresses of the sign-ups that no pass has seen."""
    with readers.ledger.read() as connection:
        return list(connection.execute(select(sign_ups.c.email)).scalars())


def faults(page: str) -> list[str]:
    return re.findall(r'class="fault" id="(\w+)-fault"', page)


def test_whoever_subscribes_is_asked_by_mail(readers: Readers) -> None:
    answer = readers.sign_up()
    assert (answer.status_code, answer.headers["location"]) == (303, "/mail/sent?lang=en")
    assert "mailbox" in readers.get("/sent").text
    assert readers.run().subscribers.letters == 1
    assert readers.states() == {"weekly": PENDING}
    assert READER not in readers.letters()[0].text


def test_one_mail_asks_for_several_newsletters(readers: Readers) -> None:
    readers.sign_up(READER, "weekly", "monthly")
    readers.run()
    (letter,) = readers.letters()
    assert "Plain Hair Weekly" in letter.subject
    assert "Plain Hair Monthly" in letter.subject
    page = readers.get(readers.confirm_link()).text
    assert re.findall(r'name="newsletter" value="([^"]+)"', page) == ["monthly,weekly"]
    readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": "monthly,weekly"})
    assert set(readers.states().values()) == {CONFIRMED}


def test_the_proof_has_what_was_shown_and_when(readers: Readers) -> None:
    page = readers.get("/").text
    asked_at = readers.now
    readers.join()
    with readers.ledger.read() as connection:
        (proof,) = consents_of(connection, readers.number())
    assert proof.newsletter == "weekly"
    assert proof.source == "the subscribe page"
    assert proof.wording in page
    assert re.fullmatch("[0-9a-f]{12}", proof.form)
    assert proof.given_at is not None
    assert asked_at < proof.asked_at <= proof.given_at
    assert proof.network_address is None


def test_a_network_address_is_kept_only_where_the_config_says_so(publication: Publication) -> None:
    readers = Readers(publication, "record_address = true\n")
    readers.join()
    with readers.ledger.read() as connection:
        (proof,) = consents_of(connection, readers.number())
    readers.close()
    assert proof.network_address == "192.0.2.1"


def test_a_form_of_another_language_is_proven_in_that_language(readers: Readers) -> None:
    readers.sign_up(lang="de")
    with readers.ledger.read() as connection:
        wording = connection.execute(select(sign_ups.c.wording)).scalar_one()
    assert wording in readers.get("/?lang=de").text
    assert wording not in readers.get("/").text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"email": ""}, "email"),
        ({"email": "reader"}, "email"),
        ({"email": "reader@"}, "email"),
        ({"email": "reader@localhost"}, "email"),
        ({"email": "a@b.example, c@d.example"}, "email"),
        ({"email": "reader@example.net\nBcc: other@example.net"}, "email"),
        ({"email": "x" * 400 + "@example.net"}, "email"),
        ({"email": "someone@mailinator.com"}, "email"),
        ({"email": "someone@eu.mailinator.com"}, "email"),
        ({"newsletter": []}, "newsletter"),
        ({"newsletter": ["weekly", "daily"]}, "newsletter"),
        ({"name": "Win at www.example.com"}, "name"),
        ({"name": "https://example.com"}, "name"),
        ({"name": "=HYPERLINK(1)"}, "name"),
        ({"name": "x" * 61}, "name"),
    ],
)
def test_a_form_with_a_fault_comes_back_filled_in_with_what_to_do(readers: Readers, fields: dict[str, object], at: str) -> None:
    good = {"email": READER, "newsletter": ["weekly"], "name": "Ann", "stamp": readers.stamp()}
    answer = readers.post("/", good | fields)
    assert answer.status_code == 422
    assert faults(answer.text) == [at]
    assert f'href="#{at}"' in answer.text
    assert ("Ann" in answer.text) == (at != "name")
    assert waiting(readers) == []


def test_the_answer_is_the_same_whatever_is_known_of_the_address(readers: Readers) -> None:
    readers.join("confirmed@example.net")
    readers.sign_up("pending@example.net")
    readers.join("gone@example.net")
    readers.post(readers.unsubscribe_link("gone@example.net"), {"List-Unsubscribe": "One-Click"})
    readers.suppress("suppressed@example.net")
    readers.erase("erased@example.net")
    answers = []
    for who in ("confirmed", "pending", "gone", "suppressed", "erased", "unknown"):
        before = readers.rows()
        answer = readers.sign_up(f"{who}@example.net")
        after = readers.rows()
        changed = {table for table in after if before[table] != after[table]}
        answers.append((answer.status_code, sorted(answer.headers.items()), answer.content, sorted(changed)))
    assert len({repr(answer) for answer in answers}) == 1
    assert answers[0][3] == ["attempts", "sign_ups"]


def test_nobody_who_must_not_be_mailed_gets_a_confirmation(readers: Readers) -> None:
    readers.suppress("suppressed@example.net")
    readers.erase("erased@example.net")
    readers.join("confirmed@example.net")
    letters = len(readers.letters())
    readers.later(days=1)
    for who in ("suppressed", "erased", "confirmed"):
        readers.sign_up(f"{who}@example.net", name="Mallory")
    assert readers.run().subscribers.letters == 0
    assert len(readers.letters()) == letters
    assert readers.states("confirmed@example.net") == {"weekly": CONFIRMED}
    assert readers.states("suppressed@example.net") == {}


def test_a_stranger_changes_nothing_of_a_subscription(readers: Readers) -> None:
    readers.join(name="Ann")
    readers.later(days=1)
    before = readers.rows()
    readers.sign_up(name="Mallory", topic=["hair-loss"], language="de")
    readers.run()
    after = readers.rows()
    assert [before[name] for name in ("subscribers", "subscriptions", "consents")] == [
        after[name] for name in ("subscribers", "subscriptions", "consents")
    ]


def test_who_left_comes_back_only_by_confirming(readers: Readers) -> None:
    readers.join()
    readers.post(readers.unsubscribe_link(), {"List-Unsubscribe": "One-Click"})
    readers.later(days=1)
    readers.sign_up()
    readers.run()
    assert readers.states() == {"weekly": UNSUBSCRIBED}
    readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": "weekly"})
    assert readers.states() == {"weekly": CONFIRMED}


def test_an_address_gets_one_confirmation_in_a_while(readers: Readers) -> None:
    for _ in range(3):
        readers.sign_up()
        readers.run()
    assert len(readers.letters()) == 1
    readers.later(hours=6)
    readers.sign_up()
    readers.run()
    assert len(readers.letters()) == 2


def test_an_address_counts_a_few_times_a_day(readers: Readers) -> None:
    answers = [readers.sign_up() for _ in range(7)]
    assert {answer.status_code for answer in answers} == {303}
    assert waiting(readers) == [READER] * 5


def test_a_mailbox_is_one_whatever_stands_behind_a_plus(readers: Readers) -> None:
    names = ["ann", "ann+1", "ann+2", "ann+3+4", "ann+5"]
    answers = [readers.sign_up(f"{name}@example.net") for name in (*names, "ann+6", "bob")]
    assert {answer.status_code for answer in answers} == {303}
    assert set(waiting(readers)) == {f"{name}@example.net" for name in (*names, "bob")}


def test_a_network_has_a_limit_and_is_told_when_to_come_back(publication: Publication) -> None:
    readers = Readers(publication, "sign_ups_per_hour = 2\n")
    stamp = readers.stamp()

    def ask(number: int, client: str) -> int:
        fields = {"email": f"reader{number}@example.net", "newsletter": "weekly", "stamp": stamp}
        answer = readers.post("/", fields, headers={"X-Forwarded-For": client})
        assert ("retry-after" in answer.headers) == (answer.status_code == 429)
        return int(answer.status_code)

    # No trusted proxy says it: all of these are 192.0.2.1.
    assert [ask(number, f"198.51.100.{number}") for number in range(3)] == [303, 303, 429]
    readers.later(hours=1)
    assert ask(3, "") == 303
    with readers.ledger.read() as connection:
        keys = list(connection.execute(select(attempts.c.key)).scalars())
    readers.close()
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_behind_a_trusted_proxy_networks_are_told_apart(publication: Publication) -> None:
    readers = Readers(publication, 'sign_ups_per_hour = 1\ntrusted_proxies = ["192.0.2.0/24"]\n')
    stamp = readers.stamp()
    answers = [
        readers.post("/", {"email": READER, "newsletter": "weekly", "stamp": stamp}, headers={"X-Forwarded-For": client})
        for client in ("198.51.100.1", "198.51.101.1", "198.51.100.9", "2001:db8::1", "2001:db8:0:0:9::1", "2001:db8:0:1::1")
    ]
    readers.close()
    assert [answer.status_code for answer in answers] == [303, 303, 429, 303, 429, 303]


def test_a_program_that_fills_in_everything_is_not_told_that_it_failed(readers: Readers) -> None:
    answer, honest = readers.sign_up(website="https://spam.example.com"), readers.sign_up(OTHER)
    assert (answer.status_code, answer.headers) == (honest.status_code, honest.headers)
    assert waiting(readers) == [OTHER]


@pytest.mark.parametrize("wait", [{"seconds": 0}, {"days": 2}])
def test_a_form_that_is_too_fast_or_too_old_is_to_be_sent_once_more(readers: Readers, wait: dict[str, float]) -> None:
    found = re.search(r'name="stamp" value="([^"]+)"', readers.get("/").text)
    assert found is not None
    readers.later(**wait)
    answer = readers.post("/", {"email": READER, "newsletter": "weekly", "stamp": found[1]})
    assert answer.status_code == 200
    assert READER in answer.text
    assert "once more" in answer.text
    assert waiting(readers) == []


def test_who_mends_a_fault_at_once_does_not_wait_anew(readers: Readers) -> None:
    stamp = readers.stamp()
    readers.later(seconds=5)
    form = readers.post("/", {"email": "nobody@", "newsletter": "weekly", "stamp": stamp})
    shown = re.search(r'name="stamp" value="([^"]+)"', form.text)
    assert (form.status_code, shown and shown[1]) == (422, stamp)
    assert readers.post("/", {"email": READER, "newsletter": "weekly", "stamp": stamp}).status_code == 303


def test_a_form_that_is_too_old_comes_back_with_a_new_stamp(readers: Readers) -> None:
    stamp = readers.stamp()
    readers.later(days=2)
    form = readers.post("/", {"email": READER, "newsletter": "weekly", "stamp": stamp})
    shown = re.search(r'name="stamp" value="([^"]+)"', form.text)
    assert shown is not None
    assert shown[1] != stamp


@pytest.mark.parametrize("stamp", ["", "0", "1723194000.00000000000000000000000000000000", "x.y", ".", "9" * 400, "1.é"])
def test_a_stamp_that_is_not_ours_is_none(readers: Readers, stamp: str) -> None:
    readers.later(seconds=5)
    answer = readers.post("/", {"email": READER, "newsletter": "weekly", "stamp": stamp})
    assert answer.status_code == 200
    assert waiting(readers) == []


def test_mails_are_offered_in_the_language_of_the_page_where_there_are_such(readers: Readers) -> None:
    readers.close()
    readers.publication.configure('title = "Plain Hair Weekly"', 'title = "Plain Hair Weekly"\nlanguages = ["de", "fr"]')
    readers.open()
    for language, first in (("de", ["de"]), ("ar", []), ("en", ["en"])):
        assert re.findall(r'<option value="(\w+)"[^>]* selected', readers.get(f"/?lang={language}").text) == first


def test_a_language_that_is_not_offered_is_none(readers: Readers) -> None:
    assert readers.sign_up(language="x" * 9000).status_code == 303
    with readers.ledger.read() as connection:
        assert connection.execute(select(sign_ups.c.language)).scalar_one() == "en"


def test_an_address_in_another_script_comes_back_as_it_was_written(readers: Readers) -> None:
    page = readers.sign_up("Ann@bücher.example", name="www.example.com")
    assert (page.status_code, 'value="Ann@bücher.example"' in page.text) == (422, True)
    readers.sign_up("Ann@bücher.example")
    assert waiting(readers) == ["ann@xn--bcher-kva.example"]


def test_the_form_leads_to_earlier_issues_where_there_are_such(readers: Readers) -> None:
    assert "issues/" not in readers.get("/").text
    readers.publication.page("archive")
    readers.join()
    readers.publication.page("swimming", date="13-8-2024")
    readers.now = NEXT_FRIDAY
    readers.run()
    found = re.findall(r'href="([^"]+/issues/[^"]*)"', readers.get("/").text)
    assert found == ["https://hair.example.org/feeds/issues/weekly/"]
    assert (readers.publication.public / "issues/weekly/index.html").is_file()


def test_a_choice_of_topics_is_kept(readers: Readers) -> None:
    readers.publication.page("one", category="Hair Loss")
    readers.publication.page("two", category="Hair Care")
    readers.run()
    page = readers.get("/").text
    assert re.findall(r'name="topic" value="([\w-]+)"', page) == ["hair-care", "hair-loss"]
    readers.join(topic=["hair-loss", "nonsense"])
    with readers.ledger.read() as connection:
        (one,) = all_subscriptions(connection)
    assert one.topics == "hair-loss"
