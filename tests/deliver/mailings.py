"""Mailings with everything in them that an adapter can get wrong, and the mails that must come of them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Content, Mailing, MessageIds, Recipient
from hairfeed.text.merge import Mergeable, Placeholder, address_token, name_token

KEY = "0f2c9a1e-weekly-12-3"
LEAVE, PREFERENCES = address_token(Placeholder.UNSUBSCRIBE), address_token(Placeholder.PREFERENCES)


@dataclass(frozen=True)
class Mail:
    """A mail as a provider sends it to one recipient, in whatever way its API was told to."""

    to: str
    sender: tuple[str, str]
    """Name and address."""
    reply_to: tuple[str, str]
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    """By their names in lower case; without those that have a field here."""
    metadata: dict[str, str]
    """What comes back in notices of this mail."""
    tracked: tuple[str, ...] = ()
    """What the provider would track or add by itself: `opens`, `clicks`, `unsubscribe`."""
    tags: tuple[str, ...] = ()
    """What the whole call is found by, in the provider's own way: its tags, categories or campaign."""


def recipient(number: int, email: str, name: str = "") -> Recipient:
    """One who is owed the mailing."""
    own = f"https://news.hair.example.org/u/{number}.c2lnbmVk"
    return Recipient(
        number,
        email,
        name,
        unsubscribe=f"{own}?to=leave",
        preferences=own,
        leave=f"mailto:editor@example.com?subject=Unsubscribe%20{number}",
        track=f"{own}/",
    )


READERS = (
    recipient(7, "ann@example.net", "Ann"),
    recipient(8, "bob.o'neill+hair@example.net"),
    recipient(9, "cy@xn--bcher-kva.example", 'Çy "<b>&amp;" O\'Neill'),
)

MAILING = Mailing(
    key=KEY,
    name="weekly-0012",
    content=Content(
        sender="Plain Hair Weekly — Überblick <weekly@hair.example.org>",
        reply_to="Editor <editor@hair.example.org>",
        subject=Mergeable.of(f"{name_token('Reader')}, how hair grows · 毛"),
        text=Mergeable.of(f"Dear {name_token('reader')},\n\nwords — ünd more.\n\nLeave: {LEAVE}\nChoose: {PREFERENCES}\n"),
        html=Mergeable.of(
            f'<!DOCTYPE html>\n<html lang="en"><body><p>Dear {name_token("reader & friend")},</p>\n'
            f'<p title="for {name_token("you")}">words &mdash; ünd &lt;more&gt;</p><a href="{LEAVE}">Leave</a></body></html>\n'
        ),
        dated_at=datetime(2024, 8, 16, 6, 0, tzinfo=UTC),
        message_ids=MessageIds("weekly.12", "hair.example.org", "https://hair.example.org weekly 12"),
        headers=(
            ("List-Id", Mergeable.of("Plain Hair Weekly <weekly.hair.example.org>")),
            ("List-Unsubscribe", Mergeable.of(f"<{LEAVE}>, <mailto:editor@hair.example.org?subject=Unsubscribe%3A%20weekly>")),
            ("List-Unsubscribe-Post", Mergeable.of("List-Unsubscribe=One-Click")),
            ("Feedback-ID", Mergeable.of("12:weekly:digest:hairfeed")),
            ("Auto-Submitted", Mergeable.of("auto-generated")),
            ("Precedence", Mergeable.of("bulk")),
        ),
    ),
    recipients=READERS,
)
"""Fields in the subject, both texts and a header; recipients with and without a name, and with names that need escaping."""

COMMANDS = (
    "100%recipient.name% %recipient_email% %unsubscribe_url% {{name}} {{{name}}} {% if a %} {%- x -%} {{#each a}} {{/each}} "
    "{{> p}} [[data:name]] [[var:name]] {{var:name}} {{params.name}} -name- *|NAME|* <%asm_group_unsubscribe_raw_url%> "
    "[unsubscribe] [%subject%] {{{pm:unsubscribe}}} {{ pm:unsubscribe }} {{ amp }} }} }}} {{ {{{ { % %% %recipient% "
    "%recipient.opening0% {{opening0}}"
)
"""What an article may say and a provider could take for its own."""

AWKWARD = replace(
    MAILING,
    content=replace(
        MAILING.content,
        subject=Mergeable.of(f"{COMMANDS} {name_token('{{Reader}}')}"),
        text=Mergeable.of(f'{COMMANDS}\\n \\ "quoted" \t{name_token("%recipient%")}{name_token("{{reader}}")}\r\n.\r\n{COMMANDS}'),
        html=Mergeable.of(
            f"<p>{COMMANDS.replace('<', '&lt;').replace('>', '&gt;')}</p><p>{name_token('{{x}}')}{LEAVE}</p>"
            # What begins a command only together with the variable behind it.
            + "".join(f"{edge}{name_token('you')}" for edge in ("{", "{{{", "%", "\\", "{\\", "[", "{%{", "#"))
        ),
    ),
    recipients=(*READERS, recipient(10, "dot@example.net", "%recipient.unsubscribe% {{unsubscribe}} $1 \\1 -name-")),
)
"""The same for a publication that writes about mail merges."""


def the_mails(mailing: Mailing) -> list[Mail]:
    """What its recipients must get, from all providers."""
    content = mailing.content
    return [
        Mail(
            to=one.email,
            sender=parseaddr(content.sender),
            reply_to=parseaddr(content.reply_to),
            subject=content.subject.fill(one.values),
            text=content.text.fill(one.values),
            html=content.html.fill_html(one.values),
            headers={name.lower(): value.fill(one.values) for name, value in content.headers},
            metadata={BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)},
        )
        for one in mailing.recipients
    ]
