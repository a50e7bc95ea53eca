"""From frozen rows to a mailing: what a digest's mails carry beside its texts. Pure: the same rows give the same mailing."""

import unicodedata
from collections.abc import Sequence
from email.utils import parseaddr
from itertools import repeat
from urllib.parse import quote

from hairfeed.deliver.mailing import Content, Mailing, MessageIds, Recipient
from hairfeed.settings import Settings
from hairfeed.store.deliveries import SendingIssue, Variant
from hairfeed.store.recipients import BatchRecipient
from hairfeed.text.merge import MARK, Mergeable, Placeholder, address_token, without_tokens
from hairfeed.text.reader_links import ReaderLinks
from hairfeed.text.tokens import Purpose, sign_all

_SAFE = "!#$%()*+,-./:;=?@[]^_`{|}~"
"""What stays as it is in an address, `%` included."""


class Composer:
    """Makes the mailings of one issue; every mail of it is the same at every attempt, while the settings are."""

    def __init__(self, settings: Settings, issue: SendingIssue, secret: bytes) -> None:
        """`secret` signs the readers' links; it is used where there are subscribe pages."""
        self._settings = settings
        self._issue = issue
        # In a token HTML has nothing to escape; in what the config says, there may be something.
        self._links = ReaderLinks(quote(settings.web.url, safe=_SAFE), secret) if settings.web else None
        self._domain = parseaddr(settings.mail.from_)[1].rpartition("@")[2]
        self._reply_to = quote(parseaddr(settings.mail.reply_to)[1], safe="@+")
        self._message_ids = MessageIds(
            name=f"{issue.newsletter}.{issue.number}",
            domain=self._domain,
            seed=f"{settings.site.url} {issue.newsletter} {issue.number} {issue.composed_at.isoformat()}",
        )
        self._leave_by_mail = f"mailto:{self._reply_to}?subject={quote(f'Unsubscribe: {issue.newsletter}')}"
        # Where replies are read, a mail to leave says by a signed token who sends it.
        replies = settings.mail.replies
        self._replies_to = quote(parseaddr(replies.address or settings.mail.reply_to)[1], safe="@+") if replies else None
        self._secret = secret

    def mailing(self, key: str, content: Content, people: Sequence[BatchRecipient]) -> Mailing:
        """What a batch hands over: the content, for these people."""
        name, used = f"{self._issue.newsletter}-{self._issue.number:04d}", _used(content)
        numbers = [one.subscriber_id for one in people]
        # Kind by kind, not one by one: a call of Python's for each would cost more than all else.
        columns = (
            numbers,
            [one.email for one in people],
            _plain([one.name or "" for one in people]),
            self._addresses(Purpose.UNSUBSCRIBE, numbers, used=Placeholder.UNSUBSCRIBE in used),
            self._addresses(Purpose.PREFERENCES, numbers, used=Placeholder.PREFERENCES in used),
            self._mails_to_leave(numbers, used=Placeholder.LEAVE in used),
            self._tracks(numbers, used=Placeholder.TRACK in used),
        )
        return Mailing(key, name, content, tuple(map(tuple.__new__, repeat(Recipient), zip(*columns, strict=True))))

    def content(self, variant: Variant) -> Content:
        """What all recipients of the variant get, with the headers of a mailing (RFC 2369, 2919, 3834, 8058).

        Raises:
            ValueError: the variant holds a broken placeholder.
        """
        return Content(
            sender=self._settings.mail.from_,
            reply_to=self._settings.mail.reply_to,
            subject=Mergeable.of(one_line(variant.subject)),
            text=Mergeable.of(variant.text),
            html=Mergeable.of(variant.html),
            dated_at=self._issue.composed_at.astimezone(self._settings.zone_of(self._issue.newsletter)),
            message_ids=self._message_ids,
            headers=tuple((name, Mergeable.of(value)) for name, value in self._headers(variant)),
        )

    def _headers(self, variant: Variant) -> list[tuple[str, str]]:
        issue, web = self._issue, self._settings.web
        newsletter = self._settings.newsletters.get(issue.newsletter)
        title = newsletter.title if newsletter else issue.newsletter
        leave = f"<{address_token(Placeholder.LEAVE) if self._replies_to else self._leave_by_mail}>"
        if web:
            leave = f"<{address_token(Placeholder.UNSUBSCRIBE)}>, {leave}"
        headers = [
            ("List-Id", f"{_phrase(title)} <{issue.newsletter}.{self._domain}>"),
            ("List-Unsubscribe", leave),
        ]
        if web and web.url.startswith("https:"):
            # RFC 8058 §3.1: an https address, or it must not be promised.
            headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        help_page = web.url if web else f"mailto:{self._reply_to}?subject={quote(f'Help: {issue.newsletter}')}"
        headers += [("List-Help", f"<{help_page}>"), ("List-Owner", f"<mailto:{self._reply_to}>")]
        if variant.archive_url:
            headers.append(("List-Archive", f"<{variant.archive_url}>"))
        return [
            *headers,
            ("Feedback-ID", f"{issue.number}:{issue.newsletter}:digest:hairfeed"),
            ("Auto-Submitted", "auto-generated"),
            ("Precedence", "bulk"),
        ]

    def _addresses(self, purpose: Purpose, subscribers: Sequence[int], *, used: bool) -> list[str]:
        """An address of their own for each subscriber, where there are such pages and the content shows it."""
        if not used:
            return [self._leave_by_mail] * len(subscribers)
        if self._links is None:
            return self._mails_to_leave(subscribers, used=True)
        return self._links.for_all(purpose, subscribers, self._issue.newsletter)

    def _mails_to_leave(self, subscribers: Sequence[int], *, used: bool) -> list[str]:
        """An address to write to for each subscriber, with their token where replies are read."""
        if self._replies_to is None or not used:
            return [self._leave_by_mail] * len(subscribers)
        tokens = sign_all(self._secret, Purpose.UNSUBSCRIBE, self._issue.newsletter, subscribers)
        return [f"mailto:{self._replies_to}?subject=Unsubscribe%20{token}" for token in tokens]

    def _tracks(self, subscribers: Sequence[int], *, used: bool) -> list[str]:
        """What each subscriber's links to articles begin with, where they are counted."""
        if self._links is None or not used:
            return [""] * len(subscribers)
        return self._links.track(subscribers, self._issue.id)


def _used(content: Content) -> frozenset[Placeholder]:
    """What the content wants to be filled with."""
    texts = (content.subject, content.text, content.html, *(value for _, value in content.headers))
    return frozenset(field.placeholder for text in texts for field in text.fields)


def one_line(text: str) -> str:
    """Without what ends a line or steers a terminal, so that a title cannot add a header."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join("".join(" " if unicodedata.category(character) == "Cc" else character for character in text).split())


def _plain(names: Sequence[str]) -> Sequence[str]:
    """Names on one line each, without anything that could be taken for a token."""
    together = f"|{'|'.join(names)}|"
    # Names that need nothing are the rule, and all of them are looked at in one go.
    if together.isprintable() and not any(blemish in together for blemish in (MARK, "  ", " |", "| ")):
        return names
    return [one_line(without_tokens(name)) for name in names]


def _phrase(text: str) -> str:
    """A phrase that needs no quotes in a List-Id (RFC 2919 §3): letters, digits and spaces."""
    return " ".join("".join(character if character.isalnum() else " " for character in text).split())
