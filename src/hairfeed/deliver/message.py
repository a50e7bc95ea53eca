"""From a frozen row to a mail: its headers, and its RFC 5322 form. Pure: the same rows give the same bytes."""

import hashlib
import unicodedata
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from urllib.parse import quote

from hairfeed.deliver.mail import Mail
from hairfeed.settings import Settings
from hairfeed.store.deliveries import BatchRecipient, SendingIssue, Variant

_LONGEST_PLAIN = 300
"""Characters of a header that stays on one line: some relays break the signature of a folded one."""


def compose_mail(settings: Settings, issue: SendingIssue, variant: Variant, recipient: BatchRecipient) -> Mail:
    """The recipient's mail, with the headers of a mailing (RFC 2369, 2919, 3834)."""
    newsletter = settings.newsletters.get(issue.newsletter)
    title = newsletter.title if newsletter else issue.newsletter
    domain = parseaddr(settings.mail.from_)[1].rpartition("@")[2]
    reply_to = parseaddr(settings.mail.reply_to)[1]
    # Unique in the world, the same at every attempt, and without a word about the reader.
    identity = f"{settings.site.url} {issue.newsletter} {issue.number} {issue.composed_at.isoformat()} {recipient.email}"
    return Mail(
        to=recipient.email,
        message_id=f"<{issue.newsletter}.{issue.number}.{hashlib.sha256(identity.encode()).hexdigest()[:24]}@{domain}>",
        sender=settings.mail.from_,
        reply_to=settings.mail.reply_to,
        subject=_one_line(variant.subject),
        text=variant.text,
        html=variant.html,
        dated_at=issue.composed_at.astimezone(settings.site.timezone),
        headers=(
            ("List-Id", f"{_phrase(title)} <{issue.newsletter}.{domain}>"),
            ("List-Unsubscribe", f"<mailto:{quote(reply_to, safe='@+')}?subject={quote(f'Unsubscribe: {issue.newsletter}')}>"),
            ("List-Owner", f"<mailto:{quote(reply_to, safe='@+')}>"),
            ("Feedback-ID", f"{issue.number}:{issue.newsletter}:digest:hairfeed"),
            ("Auto-Submitted", "auto-generated"),
            ("Precedence", "bulk"),
        ),
    )


def rfc5322(mail: Mail) -> bytes:
    """The whole message: text first, then HTML, quoted-printable, CRLF, no line longer than 998 bytes (RFC 5322 §2.1.1)."""
    # Not by EmailMessage: it folds other scripts wrongly (some words stand there twice), and encodes long addresses.
    fields = [
        ("From", _mailbox("From", mail.sender)),
        ("Reply-To", _mailbox("Reply-To", mail.reply_to)),
        ("To", mail.to),
        ("Subject", _words("Subject", mail.subject)),
        ("Date", format_datetime(mail.dated_at)),
        ("Message-ID", mail.message_id),
        *((name, _phrase_first(name, value)) for name, value in mail.headers),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("ascii") + _body(mail.text, mail.html)


def _mailbox(field: str, text: str) -> str:
    name, address = parseaddr(text)
    return formataddr((name, address)) if name.isascii() else f"{_words(field, name)} <{address}>"


def _phrase_first(field: str, value: str) -> str:
    """A header whose phrase, before what stands in angle brackets, may be in any script."""
    phrase, bracket, rest = value.rpartition(" <")
    return f"{_words(field, phrase)}{bracket}{rest}" if phrase else value


def _words(field: str, text: str) -> str:
    """As they are, or as encoded words of at most 75 characters, folded between them (RFC 2047 §2)."""
    if text.isascii() and len(text) <= _LONGEST_PLAIN and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=field, maxlinelen=75).encode(linesep="\r\n")


def _one_line(text: str) -> str:
    """Without what ends a line or steers a terminal, so that a title cannot add a header."""
    return " ".join("".join(" " if unicodedata.category(character) == "Cc" else character for character in text).split())


@lru_cache(maxsize=64)
def _body(text: str, html: str) -> bytes:
    """Both parts with the headers that introduce them: the same for everyone in a variant, so made once."""
    body = EmailMessage(policy=SMTP)
    body.set_content(text, cte="quoted-printable")
    body.add_alternative(html, subtype="html", cte="quoted-printable")
    body.set_boundary("=_" + hashlib.sha256(f"{len(text)} {text}{html}".encode()).hexdigest()[:32])
    return body.as_bytes()


def _phrase(text: str) -> str:
    """A phrase that needs no quotes in a List-Id (RFC 2919 §3): letters, digits and spaces."""
    return " ".join("".join(character if character.isalnum() else " " for character in text).split())
