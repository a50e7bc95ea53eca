"""Scanners fetch every link of a mail before its reader does, again and again: nothing may come of it."""

import re

from tests.conftest import NEXT_FRIDAY, Publication
from tests.web.readers import READER, Readers

TIMES = 5


def links_of(readers: Readers) -> set[str]:
    """Every link of ours in every mail that went out: in its header, its text and its HTML."""
    found = set()
    for mail in readers.publication.mails().values():
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        for text in (mail["List-Unsubscribe"] or "", mail["List-Help"] or "", *parts):
            found.update(re.findall(r"https://[^\s\"<>]+/mail/[^\s\"<>]*", text))
    return found


def kinds_of(readers: Readers) -> set[str]:
    """What mails went out, by the words that their files begin with."""
    return {name.partition("-")[0] for name in readers.publication.mails()}


def test_a_scanner_changes_nothing_however_often_it_looks(publication: Publication) -> None:
    publication.configure('schedule = "Fri 08:00"\n', 'schedule = "Fri 08:00"\nwelcome = true\ngoodbye = true\n')
    publication.page("archive")
    readers = Readers(publication)
    readers.run()
    readers.sign_up(READER, "weekly", "monthly")
    readers.run()
    for stage, kinds in (
        ("pending", {"confirmation"}),
        ("confirmed", {"confirmation", "welcome", "weekly"}),
        ("gone", {"confirmation", "welcome", "weekly", "goodbye"}),
    ):
        links = links_of(readers)
        assert kinds_of(readers) == kinds
        assert len(links) >= len(kinds)
        before = readers.rows()
        for _ in range(TIMES):
            for link in links:
                seen, head = readers.get(link), readers.client.head(link.removeprefix("https://hair.example.org"))
                # Last week's link to confirm is too old.
                status = 410 if "/c/" in link and stage != "pending" else 200
                assert (seen.status_code, head.status_code) == (status, status)
                # Links on the pages, too: a scanner follows them.
                for further in re.findall(r'href="(https://hair\.example\.org/mail/[^"]*)"', seen.text):
                    readers.get(further)
            readers.later(minutes=1)
        assert readers.rows() == before, stage
        if stage == "pending":
            readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": ["weekly", "monthly"]})
            readers.publication.page("swimming", date="13-8-2024")
            readers.now = NEXT_FRIDAY
        elif stage == "confirmed":
            readers.post(readers.unsubscribe_link(), {"action": "leave-all"})
        readers.run()
    readers.close()
