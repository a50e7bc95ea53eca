"""A mail's headers and bytes, as parsers and relays see them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.message import Composer
from hairfeed.deliver.mime import message_form
from hairfeed.settings import Settings
from hairfeed.store.deliveries import SendingIssue, Variant
from hairfeed.store.recipients import BatchRecipient
from hairfeed.text.merge import without_tokens
from tests.deliver.sending import HTML, the_settings

ISSUE = SendingIssue(id=1, newsletter="weekly", number=12, composed_at=datetime(2024, 8, 16, 6, 0, 0, 123, tzinfo=UTC))
VARIANT = Variant(subject="How hair grows", html=HTML, text="How hair grows.\n")
READER = BatchRecipient(subscriber_id=7, email="reader@example.net")
SETTINGS = the_settings(Path("/nowhere"), outbox={"directory": "outbox"})


def the_mailing(
    config: Settings = SETTINGS, issue: SendingIssue = ISSUE, variant: Variant = VARIANT, reader: BatchRecipient = READER
) -> Mailing:
    composer = Composer(config, issue, b"secret")
    return composer.mailing("key", composer.content(variant), [reader])


def the_bytes(
    config: Settings = SETTINGS, issue: SendingIssue = ISSUE, variant: Variant = VARIANT, reader: BatchRecipient = READER
) -> bytes:
    mailing = the_mailing(config, issue, variant, reader)
    return message_form(mailing.content).fill(mailing.recipients[0])


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def reader(address: str) -> BatchRecipient:
    return BatchRecipient(subscriber_id=8, email=address)


def sent_by(sender: str, reply_to: str = "editor@hair.example.org") -> Settings:
    return the_settings(Path("/nowhere"), outbox={"directory": "outbox"}, **{"from": sender, "reply_to": reply_to})


def called(title: str) -> Settings:
    newsletter = SETTINGS.newsletters["weekly"].model_copy(update={"title": title})
    return SETTINGS.model_copy(update={"newsletters": {"weekly": newsletter}})


def defects(message: EmailMessage) -> Iterator[object]:
    for part in message.walk():
        yield from part.defects
        for value in part.values():
            yield from getattr(value, "defects", ())


HEADERS = {
    "From": "Plain Hair Weekly <weekly@hair.example.org>",
    "Reply-To": "editor@hair.example.org",
    "To": "reader@example.net",
    "Subject": "How hair grows",
    "Date": "Fri, 16 Aug 2024 08:00:00 +0200",
    "List-Id": "Plain Hair Weekly <weekly.hair.example.org>",
    "List-Unsubscribe": "<mailto:editor@hair.example.org?subject=Unsubscribe%3A%20weekly>",
    "List-Help": "<mailto:editor@hair.example.org?subject=Help%3A%20weekly>",
    "List-Owner": "<mailto:editor@hair.example.org>",
    "Feedback-ID": "12:weekly:digest:hairfeed",
    "Auto-Submitted": "auto-generated",
    "Precedence": "bulk",
    "MIME-Version": "1.0",
}


@pytest.mark.parametrize(("name", "value"), HEADERS.items())
def test_a_digest_carries_the_header(name: str, value: str) -> None:
    assert parsed(the_bytes()).get_all(name) == [value]


def test_there_is_no_header_that_nobody_asked_for() -> None:
    assert set(parsed(the_bytes()).keys()) == {*HEADERS, "Message-ID", "Content-Type"}


def test_one_click_is_not_promised_while_leaving_is_a_mail() -> None:
    assert "List-Unsubscribe-Post" not in parsed(the_bytes())


def test_the_text_part_comes_first() -> None:
    message = parsed(the_bytes())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_both_parts_are_quoted_printable_utf_8() -> None:
    for part in parsed(the_bytes()).iter_parts():
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.get_content_charset() == "utf-8"


def test_both_parts_say_what_the_variant_says() -> None:
    text, html = (part.get_content().replace("\r\n", "\n") for part in parsed(the_bytes()).iter_parts())
    assert (text, html) == (VARIANT.text, VARIANT.html)


def test_parsers_find_no_defect() -> None:
    assert list(defects(parsed(the_bytes()))) == []


def test_the_same_rows_give_the_same_bytes() -> None:
    assert the_bytes() == the_bytes(variant=Variant(VARIANT.subject, "" + VARIANT.html, "" + VARIANT.text))


def test_the_message_id_has_the_domain_of_the_sender_and_no_word_of_the_reader() -> None:
    assert re.fullmatch(r"<weekly\.12\.[0-9a-f]{24}@hair\.example\.org>", parsed(the_bytes())["Message-ID"])


@pytest.mark.parametrize(
    "another",
    [
        the_bytes(reader=reader("another@example.net")),
        the_bytes(issue=SendingIssue(1, "weekly", 13, ISSUE.composed_at)),
        the_bytes(issue=SendingIssue(1, "daily", 12, ISSUE.composed_at)),
        the_bytes(issue=SendingIssue(1, "weekly", 12, datetime(2024, 8, 16, 6, 0, 0, 124, tzinfo=UTC))),
    ],
    ids=["reader", "number", "newsletter", "ledger begun anew"],
)
def test_another_mail_has_another_message_id(another: bytes) -> None:
    assert parsed(another)["Message-ID"] != parsed(the_bytes())["Message-ID"]


WORDS = [
    "Größe, Ωmega und 髪",
    "👩🏽‍🦱 curls",
    "Größe Ωmega " * 20,
    "髪" * 150,
    "A quite ordinary sentence, only a little too long. " * 10,
    "w" * 600,
    "=?utf-8?q?not_encoded?=",
    'He said "no": <why>; (really?) 1.5\u00a0l',
]


@pytest.mark.parametrize("subject", WORDS)
def test_a_subject_round_trips(subject: str) -> None:
    message = parsed(the_bytes(variant=Variant(subject, HTML, "")))
    assert message["Subject"] == " ".join(subject.split())


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("Größe und Länge <weekly@hair.example.org>", "Größe und Länge"),
        ('"Hair, Weekly" <weekly@hair.example.org>', "Hair, Weekly"),
        ('"Größe, Weekly" <weekly@hair.example.org>', "Größe, Weekly"),
        ("Dr. Hair <weekly@hair.example.org>", "Dr. Hair"),
        ("weekly@hair.example.org", ""),
    ],
)
def test_a_senders_name_round_trips(sender: str, name: str) -> None:
    message = parsed(the_bytes(sent_by(sender, sender)))
    for field in ("From", "Reply-To"):
        (address,) = message[field].addresses
        assert (address.display_name, address.addr_spec) == (name, "weekly@hair.example.org")
    assert list(defects(message)) == []


def test_a_long_senders_name_round_trips() -> None:
    # By the standard library's older reader: the newer one leaves spaces between encoded words (RFC 2047 §6.2).
    message = message_from_bytes(the_bytes(sent_by("髪" * 60 + " <weekly@hair.example.org>")), policy=policy.compat32)
    assert str(make_header(decode_header(message["From"]))) == "髪" * 60 + " <weekly@hair.example.org>"


@pytest.mark.parametrize("title", ["Größe, Ωmega & 髪", "髪" * 100, "Hair <b> \r\n @home", "Plain Hair. " * 30])
def test_a_newsletters_title_leaves_its_list_headers_whole(title: str) -> None:
    message = parsed(the_bytes(called(title)))
    assert message["List-Id"].endswith(" <weekly.hair.example.org>")
    assert message["List-Unsubscribe"] == HEADERS["List-Unsubscribe"]
    assert list(defects(message)) == []


@pytest.mark.parametrize("part", ["local", "domain"])
def test_long_addresses_stay_as_they_are(part: str) -> None:
    address = "l" * 64 + "@example.net" if part == "local" else "reader@" + "d" * 60 + "." + "e" * 60 + ".example"
    message = parsed(the_bytes(sent_by(f"Weekly <{address}>"), reader=reader(address)))
    assert (message["To"], message["From"]) == (address, f"Weekly <{address}>")
    assert message["Message-ID"].endswith(f"@{address.partition('@')[2]}>")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_title_cannot_add_a_header(newline: str) -> None:
    evil = f"News{newline}Bcc: everyone@example.com"
    message = parsed(the_bytes(called(evil), variant=Variant(evil, HTML, "")))
    assert set(message.keys()) == {*HEADERS, "Message-ID", "Content-Type"}
    assert message["Subject"] == "News Bcc: everyone@example.com"


def test_a_form_for_an_api_has_no_newline_in_its_headers_either() -> None:
    mailing = the_mailing(called("A\r\nB: C"), variant=Variant("One\r\nTwo: three", HTML, ""))
    values = mailing.recipients[0].values
    for value in (mailing.content.subject.fill(values), *(value.fill(values) for _, value in mailing.content.headers)):
        assert value.splitlines() == [value]


SOME_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400).map(without_tokens)


@given(subject=SOME_TEXT)
def test_any_subject_is_one_line_that_round_trips(subject: str) -> None:
    message = parsed(the_bytes(variant=Variant(subject, HTML, "")))
    (expected,) = the_mailing(variant=Variant(subject, HTML, "")).content.subject.texts
    assert message["Subject"] == expected
    assert expected.split() == "".join(" " if ord(each) < 32 or 127 <= ord(each) < 160 else each for each in subject).split()


def lines(text: str) -> list[str]:
    """Without the newline at the end, which a part always has; a mail knows one form of newline."""
    return re.split(r"\r\n|\r|\n", re.sub(r"(\r\n|\r|\n)\Z", "", text))


@given(text=SOME_TEXT, html=SOME_TEXT)
def test_any_words_round_trip_but_for_the_form_of_newlines(text: str, html: str) -> None:
    parts = parsed(the_bytes(variant=Variant("News", html, text))).iter_parts()
    assert [lines(part.get_content()) for part in parts] == [lines(text), lines(html)]


@given(subject=SOME_TEXT, text=st.text(max_size=3000, alphabet="a .\n\r髪="), title=SOME_TEXT)
def test_any_mail_is_ascii_in_short_lines_that_end_in_crlf(subject: str, text: str, title: str) -> None:
    content = the_bytes(called(title), variant=Variant(subject, f"<p>{text}</p>", text))
    assert content.isascii()
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert not [line for line in lines if b"\r" in line or b"\n" in line or len(line) > 998]
