"""Mails to who has come or left: where the newsletter wants them, once each, and to nobody who has changed their mind."""

import re
from collections.abc import Iterator

import pytest

from hairfeed.models.subscribers import SubscriptionState
from tests.conftest import NEXT_FRIDAY, Publication
from tests.web.readers import READER, Letter, Readers

BOTH = "welcome = true\ngoodbye = true\n"


@pytest.fixture
def readers(publication: Publication) -> Iterator[Readers]:
    """The weekly greets, the monthly does not."""
    publication.configure('schedule = "Fri 08:00"\n', f'schedule = "Fri 08:00"\n{BOTH}greeting = true\n')
    found = Readers(publication)
    yield found
    found.close()


def greetings(readers: Readers, kind: str) -> list[Letter]:
    return [Letter.of(mail) for name, mail in readers.publication.mails().items() if name.startswith(f"{kind}-")]


def test_who_has_confirmed_is_welcomed_once_with_links_of_their_own(readers: Readers) -> None:
    readers.join(name="Ann")
    assert [readers.run().subscribers.greetings, readers.run().subscribers.greetings] == [1, 0]
    (mail,) = greetings(readers, "welcome")
    assert (mail.email, "Ann" in mail.text, "Ann" in mail.html) == (READER, True, True)
    assert "Unsubscribe from Plain Hair Weekly" in mail.text
    assert "See earlier issues" not in mail.text
    readers.post(re.findall(r"https://\S+/u/\S+", mail.text)[0], {"List-Unsubscribe": "One-Click"})
    assert readers.states() == {"weekly": SubscriptionState.UNSUBSCRIBED}


def test_a_welcome_leads_to_the_issues_so_far(readers: Readers) -> None:
    readers.publication.page("brushing")
    readers.run()
    readers.publication.page("swimming", date="13-8-2024")
    readers.now = NEXT_FRIDAY
    readers.run()
    readers.join()
    readers.run()
    assert "https://hair.example.org/feeds/issues/weekly/" in greetings(readers, "welcome")[0].html


def test_who_leaves_by_the_page_gets_a_goodbye_that_leads_back(readers: Readers) -> None:
    readers.join()
    readers.run()
    link = readers.unsubscribe_link()
    readers.post(link, {"action": "leave"})
    readers.post(link, {"action": "leave"})
    assert [readers.run().subscribers.greetings, readers.run().subscribers.greetings] == [1, 0]
    (mail,) = greetings(readers, "goodbye")
    assert "https://hair.example.org/mail/" in mail.text
    assert "/u/" not in mail.text


@pytest.mark.parametrize("way", ["one click", "undone", "suppressed", "erased", "another newsletter"])
def test_nobody_else_gets_a_goodbye(readers: Readers, way: str) -> None:
    newsletter = "monthly" if way == "another newsletter" else "weekly"
    readers.join(READER, newsletter)
    readers.run()
    link = readers.unsubscribe_link(READER, newsletter)
    readers.post(link, {"List-Unsubscribe": "One-Click"} if way == "one click" else {"action": "leave"})
    match way:
        case "undone":
            readers.post(link, {"action": "undo"})
        case "suppressed":
            readers.suppress(READER)
        case "erased":
            readers.erase()
    readers.run()
    assert greetings(readers, "goodbye") == []


def test_nobody_is_welcomed_who_has_left_before_the_pass(readers: Readers) -> None:
    readers.join()
    readers.post(readers.unsubscribe_link(), {"List-Unsubscribe": "One-Click"})
    readers.run()
    assert greetings(readers, "welcome") == []


def test_one_mail_welcomes_to_several_newsletters(publication: Publication) -> None:
    publication.configure('schedule = "Fri 08:00"\n', f'schedule = "Fri 08:00"\n{BOTH}')
    readers = Readers(publication)
    readers.close()
    publication.configure('schedule = "0 8 1 * *"\n', 'schedule = "0 8 1 * *"\nwelcome = true\n')
    readers.open()
    readers.join(READER, "weekly", "monthly")
    assert readers.run().subscribers.greetings == 1
    (mail,) = greetings(readers, "welcome")
    assert "Plain Hair Monthly, Plain Hair Weekly" in mail.text.replace("\n", " ")
    readers.close()


def test_a_broken_template_keeps_greetings_for_the_next_pass(readers: Readers) -> None:
    folder = readers.publication.folder / "templates" / "email"
    folder.mkdir(parents=True)
    (folder / "welcome.html").write_text("{{ nonsense }}", encoding="utf-8")
    readers.join()
    readers.publication.configure('author = "The Editor"', 'author = "The Editor"\ntemplates = "../templates"')
    assert any("nonsense" in str(one) for one in readers.run().failures)
    (folder / "welcome.html").unlink()
    assert readers.run().subscribers.greetings == 1
