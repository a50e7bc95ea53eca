"""What a mail in the mailbox is: a reader who leaves, a bounce, a complaint, or nothing to us. Pure.

Nobody is believed for who they say they are: what counts are our own signed tokens, and names of letters that nobody can guess.
They are looked for in the subject and in addresses of a mail to leave, and in the header of the mail that a bounce gives back.
A body is never searched: whoever answers a newsletter quotes the link to leave it.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from urllib.parse import unquote

from hairfeed.models.events import EventKind
from hairfeed.text.tokens import TOKEN_LENGTH

_TOKEN = re.compile(rf"(?<![\w-])[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}(?![\w-])")
_MOST_TOKENS = 10
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_LETTER = re.compile(r"<(hf-letter-[0-9a-f]{24})\.")
_NO_SUCH_MAILBOX = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
"""Subject and detail of a permanent failure that is about the address itself (RFC 3463 §3.2 and 3.3, RFC 7505 §5)."""
_ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_UNREADABLE = (MessageError, LookupError, ValueError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody wants to leave; one of the tokens may say who, and what."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail of ours came back, or was complained about."""

    kind: EventKind
    reason: str
    tokens: tuple[str, ...]
    """From the links to leave in its header."""
    letter_key: str
    """Of a letter; empty for a mail of an issue."""
    message_id: str
    """Of ours; empty where it is not given back."""
    issue_number: int | None
    """From its Feedback-ID."""


def read(head: bytes) -> Leave | Returned | None:
    """What the beginning of a mail says; None where it is nothing to us."""
    try:
        message = message_from_bytes(head)
        if message.get_content_type() == "multipart/report":
            return _report(message)
        if _is_automatic(message):
            return None
        texts = [_decoded(value) for name in ("Subject", *_ADDRESSED) for value in message.get_all(name, [])]
        tokens = _tokens(texts)
        return Leave(tokens) if tokens else None
    except _UNREADABLE:
        # Whatever it is, it was not made by a mail program that means us well.
        return None


def _is_automatic(message: Message) -> bool:
    """Whether a program answers for somebody who is away (RFC 3834 §5). One that was told to leave by its owner is none."""
    said = str(message.get("Auto-Submitted", "")).lower().strip()
    is_old_style = any(name in message for name in ("X-Autoreply", "X-Autorespond"))
    return is_old_style or said.startswith("auto-replied") or str(message.get("Precedence", "")).lower() == "auto_reply"


def _report(message: Message) -> Returned | None:
    """A report of another server (RFC 6522): that it could not deliver (RFC 3464), or that a reader complained (RFC 5965)."""
    parts = [part for part in message.walk() if part is not message]
    facts = next((part for part in parts if part.get_content_type() in _REPORTS), None)
    original = next((found for part in parts if (found := _given_back(part)) is not None), None)
    if facts is None or original is None:
        return None
    judged = _REPORTS[facts.get_content_type()](facts)
    if judged is None:
        return None
    message_id = _decoded(original.get("Message-ID", "")).strip()
    letter, number = _LETTER.search(message_id), re.match(r"\s*(\d{1,9}):", _decoded(original.get("Feedback-ID", "")))
    return Returned(
        kind=judged[0],
        reason=judged[1],
        tokens=_tokens([_decoded(value) for value in original.get_all("List-Unsubscribe", [])]),
        letter_key=letter[1] if letter else "",
        message_id=message_id,
        issue_number=int(number[1]) if number else None,
    )


def _delivery(part: Message) -> tuple[EventKind, str] | None:
    """What became of the mail; None where it was delivered, or may still be (RFC 3464 §2.3.3)."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message) or _decoded(block.get("Action", "")).strip().lower() != "failed":
            continue
        diagnosis = " ".join(_decoded(block.get("Diagnostic-Code", "")).split())
        status = _status(_decoded(block.get("Status", "")), diagnosis)
        if status is None:
            continue
        kind = EventKind.HARD_BOUNCE if status[0] == 5 and status[1:] in _NO_SUCH_MAILBOX else EventKind.SOFT_BOUNCE  # noqa: PLR2004
        return kind, diagnosis or "status " + ".".join(map(str, status))
    return None


def _status(said: str, diagnosis: str) -> tuple[int, int, int] | None:
    """The enhanced status code (RFC 3463); where it says nothing in particular, that of the server beyond."""
    found = [(int(match[1]), int(match[2]), int(match[3])) for text in (said, diagnosis) if (match := _STATUS.search(text))]
    return next((one for one in found if one[1:] != (0, 0)), found[0] if found else None)


def _complaint(part: Message) -> tuple[EventKind, str] | None:
    payload = part.get_payload(decode=True)
    facts = message_from_bytes(payload) if isinstance(payload, bytes) else part
    blocks = part.get_payload()
    if isinstance(blocks, list) and blocks and isinstance(blocks[0], Message):
        facts = blocks[0]
    kind = _decoded(facts.get("Feedback-Type", "")).strip().lower()
    return (EventKind.COMPLAINT, "marked as spam") if kind in {"abuse", "fraud", "virus"} else None


_REPORTS = {"message/delivery-status": _delivery, "message/feedback-report": _complaint}


def _given_back(part: Message) -> Message | None:
    """The header of the mail that a report is about."""
    payload = part.get_payload()
    if part.get_content_type() in {"message/rfc822", "message/global"} and isinstance(payload, list) and payload:
        return payload[0] if isinstance(payload[0], Message) else None
    if part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
        raw = part.get_payload(decode=True)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(payload)
        return message_from_string(text)
    return None


def _tokens(texts: list[str]) -> tuple[str, ...]:
    """Words that may be tokens, in their order."""
    # In an address, and in what some mail programs make of its subject, a space is `%20`.
    found = [match for text in texts for match in _TOKEN.findall(unquote(text))]
    return tuple(dict.fromkeys(found))[:_MOST_TOKENS]


def _decoded(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except _UNREADABLE:
        return str(value)
