"""What adapters share in writing a batch as a whole: the same as recipient by recipient."""

import gc
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.deliver.memory import memory_at_ease
from hairfeed.deliver.message import Composer
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.mailgun import MailgunApi
from hairfeed.deliver.providers.writing import json_body, json_rows
from hairfeed.settings.providers import Mailgun
from hairfeed.settings.web import Web
from hairfeed.store.deliveries import SendingIssue, Variant
from hairfeed.store.recipients import BatchRecipient
from hairfeed.text.merge import MARK, Mergeable, Placeholder, address_token
from hairfeed.text.tokens import Bearer, Purpose, read
from tests.deliver.mailings import MAILING, READERS, recipient
from tests.deliver.sending import the_settings

SETTINGS = the_settings(Path("/nowhere"), outbox={"directory": "outbox"}).model_copy(
    update={"web": Web(url="https://hair.example.org/mail")}
)
ISSUE = SendingIssue(id=1, newsletter="weekly", number=12, composed_at=datetime(2024, 8, 16, 6, tzinfo=UTC))
LINKS = Variant("Hair", f"{address_token(Placeholder.UNSUBSCRIBE)} {address_token(Placeholder.PREFERENCES)}", "")

PLAIN = Mergeable.of("plain")

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(texts, texts, texts), min_size=1, unique_by=lambda row: row[0]))
def test_rows_are_the_json_of_their_objects(rows: list[tuple[str, str, str]]) -> None:
    keys, names, links = zip(*rows, strict=True)
    objects = {key: {"name": name, "link": link} for key, name, link in rows}
    assert json_rows(keys, {"name": names, "link": links}).encode() == json_body(objects)


def test_variables_of_a_batch_are_those_of_each_recipient() -> None:
    content = inline(MAILING.content, MergeSyntax(variable=lambda name: f"%{name}%"))
    assert list(content.each(READERS)) == [next(content.each([reader])) for reader in READERS]


def test_a_content_without_variables_has_recipients_all_the_same() -> None:
    content = inline(replace(MAILING.content, subject=PLAIN, text=PLAIN, html=PLAIN, headers=()), MergeSyntax(variable=str))
    assert list(content.each(READERS)) == [(reader, {}) for reader in READERS]


def test_a_form_is_not_ended_by_what_is_in_it() -> None:
    api = MailgunApi(Mailgun.model_validate({"key": "k", "domain": "hair.example.org"}), "weekly@hair.example.org")
    boundary = api.build(MAILING).headers["Content-Type"].partition("boundary=")[2]
    request = api.build(replace(MAILING, recipients=(recipient(7, "ann@example.net", boundary),)))
    other = request.headers["Content-Type"].partition("boundary=")[2].encode()
    *parts, end = request.body.split(b"--" + other)
    assert (other == boundary.encode(), len(parts), end) == (
        False,
        api.build(MAILING).body.count(b"--" + boundary.encode()),
        b"--\r\n",
    )
    (variables,) = [part for part in parts if b'name="recipient-variables"' in part]
    assert json.loads(variables.partition(b"\r\n\r\n")[2])["ann@example.net"]["name"] == boundary


def test_every_recipient_of_a_batch_has_links_of_their_own() -> None:
    composer = Composer(SETTINGS, ISSUE, b"secret")
    people = [BatchRecipient(number, f"{number}@example.net") for number in (1, 2, 70_000)]
    for one, person in zip(composer.mailing("key", composer.content(LINKS), people).recipients, people, strict=True):
        for link, purpose in ((one.unsubscribe, Purpose.UNSUBSCRIBE), (one.preferences, Purpose.PREFERENCES)):
            token = urlsplit(link).path.rpartition("/")[2]
            assert read(b"secret", purpose, token, ["daily", "weekly"], datetime.now(UTC)) == Bearer(person.subscriber_id, "weekly")


@pytest.mark.parametrize(
    ("given_name", "mailed"),
    [
        ("Ann", "Ann"),
        (None, ""),
        ("Çy O'Neill", "Çy O'Neill"),
        (" Ann ", "Ann"),
        ("Ann  Bo", "Ann Bo"),
        ("Ann\r\nBcc: x", "Ann Bcc: x"),
        (f"A{MARK}nn", "Ann"),
        ("|", "|"),
    ],
)
def test_a_name_is_cleaned_in_a_batch_as_it_is_alone(given_name: str | None, mailed: str) -> None:
    composer = Composer(SETTINGS, ISSUE, b"secret")
    person = BatchRecipient(7, "ann@example.net", given_name)
    others = [BatchRecipient(number, f"{number}@example.net", f"Bo {number}") for number in (8, 9)]
    batches = [[person], [others[0], person, others[1]]]
    names = [[one.name for one in composer.mailing("key", composer.content(LINKS), batch).recipients] for batch in batches]
    assert names == [[mailed], ["Bo 8", mailed, "Bo 9"]]


def test_memory_is_looked_after_again_after_a_send_that_failed() -> None:
    def send() -> None:
        with memory_at_ease():
            assert gc.get_freeze_count() > 0
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        send()
    assert gc.get_freeze_count() == 0
