"""What the mail APIs are told: for every provider the same mails, and the same that django-anymail would have it send."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.contract import Merge
from hairfeed.text.merge import MARK, Mergeable, Placeholder, name_token
from tests.deliver.adapters import TOLD, Told
from tests.deliver.mailings import AWKWARD, LEAVE, MAILING, READERS, Mail, recipient
from tests.deliver.oracle import anymail_request


@pytest.fixture(params=TOLD)
def told(request: pytest.FixtureRequest) -> Told:
    """Each provider."""
    return TOLD[request.param]


def test_every_recipient_gets_the_mail_that_is_theirs(told: Told) -> None:
    assert told.mails(told.api.build(MAILING)) == told.owed(MAILING)


def test_what_looks_like_the_providers_commands_arrives_as_it_was_written(told: Told) -> None:
    assert told.mails(told.api.build(AWKWARD)) == told.owed(AWKWARD)


PIECES = st.sampled_from(
    [
        "{{",
        "{{{",
        "}}",
        "{ ",
        "%",
        "%recipient",
        ".name%",
        "%unsubscribe_url%",
        "[[data-msys",
        "[[var:name]]",
        "{#",
        "{%",
        "-name-",
        "&",
        "<b>",
        '"',
        "\\",
        "\n",
        "毛",
        "name",
        " ",
    ]
)
WRITTEN = st.lists(PIECES | st.sampled_from([name_token("{{you}}"), LEAVE]), max_size=12).map("".join)


@given(subject=WRITTEN, text=WRITTEN, html=WRITTEN, name=st.lists(PIECES, max_size=6).map("".join))
def test_whatever_is_written_arrives(subject: str, text: str, html: str, name: str) -> None:
    content = replace(MAILING.content, subject=Mergeable.of(subject), text=Mergeable.of(text), html=Mergeable.of(html))
    mailing = replace(MAILING, content=content, recipients=(recipient(1, "one@example.net", name), *READERS))
    for told in TOLD.values():
        assert told.mails(told.api.build(mailing)) == told.owed(mailing)


def test_a_mailing_without_fields_is_none_the_worse(told: Told) -> None:
    plain = replace(
        MAILING,
        content=replace(
            MAILING.content, subject=Mergeable.of("News"), text=Mergeable.of("Words"), html=Mergeable.of("<p>Words"), headers=()
        ),
    )
    assert told.mails(told.api.build(plain)) == told.owed(plain)


def test_headers_in_other_scripts_arrive(told: Told) -> None:
    title = "Überblick — " * 12 + "毛 <weekly.hair.example.org>"
    foreign = replace(MAILING, content=replace(MAILING.content, headers=(("List-Id", Mergeable.of(title)),)))
    assert told.mails(told.api.build(foreign)) == told.owed(foreign)


@pytest.mark.parametrize("name", ['"Hair, Plain" ', '"The \\"Hair\\" (weekly)" ', "Плоские волосы, ", "{{Hair}} %recipient% "])
def test_any_display_name_arrives(told: Told, name: str) -> None:
    content = replace(MAILING.content, sender=f"{name.strip(', ')} <weekly@hair.example.org>")
    named = replace(MAILING, content=content)
    assert [one.sender for one in told.mails(told.api.build(named))] == [one.sender for one in told.owed(named)]


def test_the_same_mailing_is_the_same_bytes_and_another_one_is_not(told: Told) -> None:
    assert told.api.build(MAILING) == told.api.build(MAILING)
    assert told.api.build(MAILING).body != told.api.build(replace(MAILING, key="another")).body


def test_no_placeholder_and_no_secret_is_in_a_request(told: Told) -> None:
    request = told.api.build(AWKWARD)
    assert MARK.encode() not in request.body
    for secret in (b"key-1", b"token-1", b"SG.1", b"spark", b"xkeysib-1", b"jet-", b"AKIDEXAMPLE", b"wJalr"):
        assert secret not in request.body + repr(request.headers).encode()


def test_a_text_is_said_once_where_the_provider_fills_it_in(told: Told) -> None:
    said = told.api.build(MAILING).body.count("words — ünd more".encode())
    assert said == (1 if told.api.capabilities.merge is Merge.INLINE else len(MAILING.recipients))


# What anymail is given: the same texts as a person writes them for the provider.
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "brevo": ("{{{{params.{}}}}}", {"api_key": "xkeysib-1", "untracked": False}),
    "mailjet": (
        "{{{{var:{}}}}}",
        {"api_key": "jet-1", "secret_key": "jet-secret", "esp_extra": {"Globals": {"TemplateLanguage": True}}},
    ),
    "mailgun": ("%recipient.{}%", {"api_key": "key-1"}),
    "sendgrid": ("-{}-", {"api_key": "SG.1", "merge_field_format": "-{}-", "generate_message_id": False}),
    "postmark bulk": ("{{{{{{{}}}}}}}", {"server_token": "token-1", "use_bulk_api": True, "generate_message_id": False}),
    "sparkpost": ("{{{{{{{}}}}}}}", {"api_key": "spark"}),
}

FRAMES = {"brevo": ("{% autoescape off %}", "{% endautoescape %}")}
"""What a text stands in, so that nothing is escaped twice."""
NOT_TOLD = {"mailjet": ("List-Id", "a mail with it is refused; anymail leaves that to be found out")}
"""Headers that anymail is not given, and why."""

DIFFERENCES: dict[str, dict[str, tuple[Any, Any, str]]] = {
    "brevo": {},
    "mailjet": {},
    "mailgun": {},
    "sendgrid": {"tracked": ((), ("unsubscribe",), "anymail leaves SendGrid's own links for leaving to the account's settings")},
    "postmark bulk": {},
    "sparkpost": {},
}
"""Where anymail means something else: ours, theirs, and why."""


def oracle_mails(provider: str, mailing: Mailing) -> list[Mail]:
    written, options = TEXTS[provider]

    begin, end = FRAMES.get(provider, ("", ""))

    def text(value: Mergeable, kind: str = "") -> str:
        filled = "".join(
            written.format(f"{field.placeholder}{kind if field.placeholder is Placeholder.NAME else ''}{number}") + literal
            for number, (field, literal) in enumerate(zip(value.fields, value.texts[1:], strict=True))
        )
        return begin + value.texts[0] + filled + end

    not_told, _ = NOT_TOLD.get(provider, ("", ""))
    headers = tuple((name, value) for name, value in mailing.content.headers if name != not_told)
    mailing = replace(mailing, content=replace(mailing.content, headers=headers))
    content, data = mailing.content, {}
    for one in mailing.recipients:
        own: dict[str, str] = {}
        for value, kind in ((content.subject, "s"), (content.text, "t"), (content.html, "h")):
            for number, field in enumerate(value.fields):
                part = Mergeable(("", ""), (field,))
                filled = part.fill_html(one.values) if kind == "h" else part.fill(one.values)
                own[f"{field.placeholder}{kind if field.placeholder is Placeholder.NAME else ''}{number}"] = filled
        data[one.email] = own
    request = anymail_request(
        provider.split(maxsplit=1)[0],
        mailing,
        subject=text(content.subject, "s"),
        text=text(content.text, "t"),
        html=text(content.html, "h"),
        merge_data=data,
        tags=TOLD[provider].tags(mailing),
        **options,
    )
    return TOLD[provider].mails(request)


@pytest.mark.parametrize("provider", TEXTS)
def test_anymail_would_have_the_same_mails_sent(provider: str) -> None:
    ours, theirs = TOLD[provider].mails(TOLD[provider].api.build(MAILING)), oracle_mails(provider, MAILING)
    for mine, other in zip(ours, theirs, strict=True):
        for name, (we, they, _) in DIFFERENCES[provider].items():
            assert (getattr(mine, name), getattr(other, name)) == (we, they)
        same = [one.name for one in fields(Mail) if one.name not in DIFFERENCES[provider]]
        assert [getattr(mine, name) for name in same] == [getattr(other, name) for name in same]


def test_anymail_would_have_the_same_mails_sent_by_postmark_in_full() -> None:
    """It cannot fill in a batch there, so it is asked for one mail at a time."""
    told, content = TOLD["postmark"], MAILING.content
    theirs: list[Mail] = []
    for one in MAILING.recipients:
        alone = replace(MAILING, recipients=(one,))
        request = anymail_request(
            "postmark",
            alone,
            subject=content.subject.fill(one.values),
            text=content.text.fill(one.values),
            html=content.html.fill_html(one.values),
            server_token="token-1",
        )
        theirs += told.mails(request)
    assert told.mails(told.api.build(MAILING)) == theirs
