"""Opens and clicks, where a newsletter counts them: what mails hold, where links lead, and what is known afterwards."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from hairfeed.digest.stage import next_issue
from hairfeed.errors import SettingsError
from hairfeed.models.hits import LinkCount
from hairfeed.preview.files import write_preview
from hairfeed.preview.mails import send_test
from hairfeed.store import tracking
from hairfeed.store.subscribers import Subscription, all_subscriptions
from hairfeed.subscribers import hits
from tests.conftest import NEXT_FRIDAY, Publication
from tests.subscribers.test_machines import PHONE
from tests.test_cli import hairfeed
from tests.web.readers import BASE, READER, SITE, Readers

OTHER = "other@example.net"
ARTICLE = f"{SITE}/swimming/"
OURS = re.compile(rf"{re.escape(BASE)}/l/[^\s\"<>]+")


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """A publication whose newsletter counts, and has just gone to two readers."""
    publication = Publication(tmp_path_factory.mktemp("counting") / "publication")
    publication.configure("[newsletters.weekly]\n", "[newsletters.weekly]\ntracking = true\n")
    readers = Readers(publication)
    publication.page("archive")
    publication.run()
    publication.subscribe(READER, OTHER)
    publication.page("swimming", date="13-8-2024")
    publication.page("washing", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    readers.close()
    return publication


@pytest.fixture
def counting(sent: Publication, tmp_path: Path) -> Iterator[Readers]:
    """An hour later, at the readers' pages."""
    readers = Readers(sent.copied(tmp_path / "copy"))
    readers.now = NEXT_FRIDAY + timedelta(hours=1)
    yield readers
    readers.close()


def mail_of(readers: Readers, reader: str = READER) -> tuple[str, str]:
    """The text and the HTML of the issue as a reader got it."""
    found = next(mail for mail in readers.publication.mails().values() if mail["To"] == reader)
    return _part(found, "plain"), _part(found, "html")


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def link_to(readers: Readers, target: str, reader: str = READER) -> str:
    """The reader's own link that leads there."""
    for link in OURS.findall(mail_of(readers, reader)[0]):
        if readers.client.head(link.removeprefix(SITE)).headers["location"] == target:
            return str(link)
    raise AssertionError(f"no link leads to {target}")


def pixel_of(readers: Readers, reader: str = READER) -> str:
    """The address of the point at the end of the reader's mail."""
    found = re.search(r'<img src="([^"]+/0\.gif)"', mail_of(readers, reader)[1])
    assert found is not None
    return found[1]


def followed(readers: Readers, link: str, agent: str = PHONE) -> tuple[int, str]:
    """What a reader's program gets."""
    answer = readers.get(link, headers={"user-agent": agent})
    return answer.status_code, answer.headers.get("location", "")


def told(readers: Readers) -> list[LinkCount]:
    """What is counted."""
    with readers.ledger.read() as connection:
        return hits.told(connection, 1)


def test_nothing_is_counted_unless_the_operator_says_so(readers: Readers) -> None:
    readers.publication.page("archive")
    readers.publication.run()
    readers.publication.subscribe(READER)
    readers.publication.page("swimming", date="13-8-2024")
    readers.publication.run(NEXT_FRIDAY)
    text, html = mail_of(readers)
    assert "/l/" not in text + html
    assert "0.gif" not in html
    assert ARTICLE.rstrip("/") in text


def test_counting_needs_the_pages_that_links_lead_through(publication: Publication) -> None:
    publication.configure("[newsletters.weekly]\n", "[newsletters.weekly]\ntracking = true\n")
    with pytest.raises(SettingsError, match=r"newsletters\.weekly\.tracking needs the section"):
        _ = publication.settings


def test_links_to_articles_lead_through_our_address_in_both_parts_and_no_others_do(counting: Readers) -> None:
    text, html = mail_of(counting)
    assert SITE + "/swimming" not in text + html
    assert len(set(OURS.findall(text))) >= 2
    targets = {followed(counting, link)[1] for link in {*OURS.findall(text), *OURS.findall(html)} if not link.endswith(".gif")}
    assert {target.rstrip("/") for target in targets} >= {f"{SITE}/swimming", f"{SITE}/washing"}
    assert not any(target.startswith(BASE) or "/issues/" in target for target in targets)
    assert f"{BASE}/u/" in text
    assert f"{BASE}/p/" in html


def test_pages_and_feeds_count_nothing(counting: Readers) -> None:
    for path in counting.publication.public.rglob("*"):
        if path.is_file():
            assert b"/l/" not in path.read_bytes(), path
            assert b"0.gif" not in path.read_bytes(), path


def test_opens_and_clicks_are_counted_reader_by_reader(counting: Readers) -> None:
    article = _target(counting, "swimming")
    for reader in (READER, OTHER, READER):
        assert followed(counting, link_to(counting, article, reader)) == (302, article)
        answer = counting.get(pixel_of(counting, reader), headers={"user-agent": PHONE})
        assert (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]) == (
            200,
            "image/gif",
            "no-store",
        )
        counting.later(minutes=1)
    assert [(one.readers, one.machines) for one in told(counting)] == [(2, 0), (2, 0)]
    shown = hairfeed("issues", "show", "weekly", "1", "-c", counting.publication.config).stdout
    assert re.search(r"opened +2  the mail", shown)
    assert re.search(rf"clicked +2  {re.escape(article)}", shown)
    assert "some machines look like people" in shown


def test_what_is_kept_of_a_readers_clicks_is_shown_to_who_asks_for_it(counting: Readers) -> None:
    article = _target(counting, "swimming")
    followed(counting, link_to(counting, article))
    counting.get(pixel_of(counting), headers={"user-agent": PHONE})
    shown = hairfeed("subscribers", "show", READER, "-c", counting.publication.config).stdout.splitlines()
    at = f"{counting.now:%Y-%m-%d %H:%M}"
    assert shown[-3:] == [f"{at}: weekly 1 was followed to {article}", f"{at}: weekly 1 was opened", "issues: weekly 1"]


def _target(readers: Readers, name: str) -> str:
    with readers.ledger.read() as connection:
        return next(url for url in tracking.targets(connection, 1).values() if f"/{name}" in url)


def test_a_scanner_is_led_on_and_counts_as_a_machine(counting: Readers) -> None:
    article = _target(counting, "swimming")
    assert followed(counting, link_to(counting, article), "BarracudaCentral/1.0") == (302, article)
    assert [(one.readers, one.machines) for one in told(counting)] == [(0, 1)]


def test_a_link_that_is_pressed_without_end_fills_no_disk(counting: Readers) -> None:
    link = link_to(counting, _target(counting, "swimming"))
    with counting.ledger.write() as connection:
        for _ in range(hits.MOST + 5):
            hits.note(connection, counting.publication.settings, 1, counting.number(), 1, PHONE, counting.now)
    assert followed(counting, link)[0] == 302
    assert len(counting.rows()["hits"]) == hits.MOST


def test_a_look_with_head_counts_nothing(counting: Readers) -> None:
    before = counting.rows()
    for link in OURS.findall("".join(mail_of(counting))):
        counting.client.head(link.removeprefix(SITE), headers={"user-agent": PHONE})
    assert counting.rows() == before


def test_clicks_change_nothing_of_a_subscription_but_the_day_on_which_it_was_heard_of(counting: Readers) -> None:
    def subscriptions() -> list[Subscription]:
        with counting.ledger.read() as connection:
            return [replace(one, active_on=None) for one in all_subscriptions(connection)]

    before, subscribed = counting.rows(), subscriptions()
    for link in OURS.findall("".join(mail_of(counting))):
        followed(counting, link)
    counted: dict[str, list[str]] = {"hits": [], "subscriptions": []}
    assert counting.rows() | counted == before | counted
    assert subscriptions() == subscribed


def test_our_address_leads_nowhere_that_we_did_not_write(counting: Readers) -> None:
    link = link_to(counting, _target(counting, "swimming"))
    base, _, _ = link.rpartition("/")
    front, _, token = base.rpartition("/")
    wrong = {
        "another issue": link.replace("/l/1/", "/l/2/"),
        "no such link": f"{base}/99",
        "an address": f"{base}/https:%2F%2Fevil.example",
        "a negative number": f"{base}/-1",
        "digits of another script": f"{base}/٣",
        "a number beyond all": f"{base}/{10**30}",
        "an issue beyond all": link.replace("/l/1/", f"/l/{10**30}/"),
        "a forged token": f"{front}/forged/1",
        "a token cut off": f"{front}/{token[:-1]}/1",
        "no ASCII": f"{front}/ключ/1",
        "a token of another purpose": f"{front}/{counting.unsubscribe_link().rpartition('/')[2]}/1",
    }
    assert {name: followed(counting, address) for name, address in wrong.items()} == dict.fromkeys(wrong, (404, ""))
    assert followed(counting, f"{link}?url=https://evil.example") == followed(counting, link)


def test_whoever_is_erased_still_gets_to_the_article_and_leaves_a_count_alone(counting: Readers) -> None:
    article = _target(counting, "swimming")
    link = link_to(counting, article)
    followed(counting, link)
    before = told(counting)
    counting.erase(READER)
    assert counting.rows()["hits"] == []
    assert followed(counting, link) == (302, article)
    assert told(counting) == before


def test_what_is_turned_off_leads_on_and_counts_no_more(counting: Readers) -> None:
    article = _target(counting, "swimming")
    link = link_to(counting, article)
    counting.publication.configure("tracking = true\n", "")
    counting.ledger.close()
    counting.open()
    assert followed(counting, link) == (302, article)
    assert told(counting) == []


def test_after_ninety_days_there_are_only_sums(counting: Readers) -> None:
    article = _target(counting, "swimming")
    followed(counting, link_to(counting, article))
    followed(counting, link_to(counting, article, OTHER), "curl/8.0")
    before = told(counting)
    counting.later(days=89)
    followed(counting, link_to(counting, article))
    followed(counting, link_to(counting, article, OTHER))
    assert [(one.readers, one.machines) for one in told(counting)] == [(2, 1)]
    counting.later(days=2)
    prune = ("prune", "--now", counting.now.isoformat(), "-c", counting.publication.config)
    assert "4 opens and clicks" in hairfeed(*prune).stdout
    assert [(one.readers, one.machines) for one in before] == [(1, 1)]
    assert [(one.readers, one.machines) for one in told(counting)] == [(2, 1)]
    assert counting.rows()["hits"] == []
    assert "0 opens and clicks" in hairfeed(*prune).stdout


def test_a_pass_makes_sums_as_well(counting: Readers) -> None:
    followed(counting, link_to(counting, _target(counting, "swimming")))
    before = told(counting)
    counting.later(days=91)
    counting.run()
    assert (counting.rows()["hits"], told(counting)) == ([], before)


def test_links_of_previews_and_test_mails_lead_straight_to_articles(counting: Readers, tmp_path: Path) -> None:
    publication = counting.publication
    publication.page("winter", date="20-8-2024")
    publication.run(NEXT_FRIDAY + timedelta(days=5))
    thursday = NEXT_FRIDAY + timedelta(days=6)
    _, planned = next_issue(counting.ledger, publication.settings, "weekly", thursday)
    assert planned is not None
    page, *_ = write_preview(publication.settings, planned, tmp_path / "preview", thursday, None)
    send_test(publication.settings, planned, "editor@example.com", thursday)
    test_mail = next(mail for mail in publication.mails().values() if mail["To"] == "editor@example.com")
    for html, text in (
        (page.read_text(encoding="utf-8"), page.with_suffix(".txt").read_text(encoding="utf-8")),
        (_part(test_mail, "html"), _part(test_mail, "plain")),
    ):
        assert f'href="{SITE}/winter"' in html
        assert f"{SITE}/winter" in text
        assert not OURS.findall(html + text)
        assert "0.gif" not in html
