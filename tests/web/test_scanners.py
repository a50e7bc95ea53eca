"""Scanners fetch every link of a mail before its reader does, again and again: nothing may come of it."""

import re

from tests.web.readers import READER, Readers

TIMES = 5


def links_of(readers: Readers) -> list[str]:
    """Every link of ours that a reader's mails have, from the first to the last of them."""
    number = readers.number()
    issues = [readers.unsubscribe_link(), readers.links().preferences(number, "weekly")]
    return [*re.findall(r"https://[^\s\"<>]+/mail/[^\s\"<>]+", "".join(one.text + one.html for one in readers.letters())), *issues]


def test_a_scanner_changes_nothing_however_often_it_looks(readers: Readers) -> None:
    readers.sign_up(READER, "weekly", "monthly")
    readers.run()
    for stage in ("pending", "confirmed", "gone"):
        links = links_of(readers)
        assert len(links) >= 4, stage
        before = readers.rows()
        for _ in range(TIMES):
            for link in links:
                seen, head = readers.get(link), readers.client.head(link.removeprefix("https://hair.example.org"))
                assert (seen.status_code, head.status_code) == (200, 200)
                # Links on the pages, too: a scanner follows them.
                for further in re.findall(r'href="(https://hair\.example\.org/mail/[^"]*)"', seen.text):
                    readers.get(further)
            readers.later(minutes=1)
        assert readers.rows() == before, stage
        if stage == "pending":
            readers.post(readers.confirm_link(), {"action": "confirm", "newsletter": ["weekly", "monthly"]})
        else:
            readers.post(readers.unsubscribe_link(), {"action": "leave-all"})
