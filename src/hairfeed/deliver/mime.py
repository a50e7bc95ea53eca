"""A mailing's mails in the form of RFC 5322: for relays and files. Pure.

Text first, then HTML, both quoted-printable; CRLF; no line longer than 998 bytes (RFC 5322 §2.1.1). The parts are encoded once a
batch, in pieces that begin and end with a soft line break, so that a recipient's own values only have to be put between them.
"""

import hashlib
from binascii import b2a_qp
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from hairfeed.deliver.form import Form
from hairfeed.deliver.mailing import Content, Recipient
from hairfeed.text.merge import Mergeable

_LONGEST_PLAIN = 300
"""Characters of a header that stays on one line: some relays break the signature of a folded one."""
_LONGEST_LINE = 75
"""Characters before the soft line break of quoted-printable (RFC 2045 §6.7)."""


def message_form(content: Content) -> Form:
    """What a recipient fills to be sent the content: `form.fill(recipient)` is the whole message."""
    form = Form()
    _header(form, "From", _mailbox("From", content.sender))
    _header(form, "Reply-To", _mailbox("Reply-To", content.reply_to))
    form.add(b"To: ")
    form.add_own(lambda recipient: recipient.email.encode("ascii"))
    form.add(b"\r\n")
    _merged_header(form, "Subject", content.subject)
    _header(form, "Date", format_datetime(content.dated_at))
    form.add(b"Message-ID: ")
    form.add_own(lambda recipient: content.message_ids.of(recipient.email).encode("ascii"))
    form.add(b"\r\n")
    for name, value in content.headers:
        _merged_header(form, name, value)
    boundary = _boundary(content)
    form.add(b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="%b"\r\n\r\n' % boundary)
    for subtype, part in ((b"plain", content.text), (b"html", content.html)):
        form.add(b'--%b\r\nContent-Type: text/%b; charset="utf-8"\r\n' % (boundary, subtype))
        form.add(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
        _part(form, part, html=subtype == b"html")
        form.add(b"\r\n")
    form.add(b"--%b--\r\n" % boundary)
    return form


def _header(form: Form, name: str, value: str) -> None:
    form.add(f"{name}: {value}\r\n".encode("ascii"))


def _merged_header(form: Form, name: str, value: Mergeable) -> None:
    if not value.fields:
        _header(form, name, _encoded(name, value.texts[0]))
        return

    def make(recipient: Recipient) -> bytes:
        return _encoded(name, value.fill(recipient.values)).encode("ascii")

    form.add(f"{name}: ".encode("ascii"))
    form.add_own(make)
    form.add(b"\r\n")


def _mailbox(field: str, text: str) -> str:
    name, address = parseaddr(text)
    return formataddr((name, address)) if name.isascii() else f"{_words(field, name)} <{address}>"


def _encoded(name: str, value: str) -> str:
    """A header's value; what may be in any script is a subject, or the phrase before what stands in angle brackets."""
    if name == "Subject":
        return _words(name, value)
    phrase, bracket, rest = value.rpartition(" <")
    return value if value.startswith("<") or not phrase else f"{_words(name, phrase)}{bracket}{rest}"


def _words(field: str, text: str) -> str:
    """As they are, or as encoded words of at most 75 characters, folded between them (RFC 2047 §2)."""
    if text.isascii() and len(text) <= _LONGEST_PLAIN and "=?" not in text:
        return text
    # Not by EmailMessage: it folds other scripts wrongly (some words stand there twice).
    return Header(text, "utf-8", header_name=field, maxlinelen=75).encode(linesep="\r\n")


def _boundary(content: Content) -> bytes:
    """One that no mail of ours holds but on purpose: the parts are quoted-printable, in which `=_` is nothing."""
    texts = "\0".join((*content.text.texts, *content.html.texts))
    return b"=_" + hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()[:32].encode()


def _part(form: Form, text: Mergeable, *, html: bool) -> None:
    form.add(_quoted(text.texts[0]))
    for field, literal in zip(text.fields, text.texts[1:], strict=True):
        form.add(b"=\r\n")
        form.add_text(Mergeable(("", ""), (field,)), _quoted_value, html=html)
        form.add(b"=\r\n" + _quoted(literal))


def _quoted(text: str) -> bytes:
    """Quoted-printable, from the beginning of a line on, with CRLF at the ends of lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def _quoted_value(text: str) -> bytes:
    """The same for what has no line of its own; most of it is short and plain, and stays as it is."""
    if len(text) <= _LONGEST_LINE and text.isascii() and text.isalnum():
        return text.encode()
    return b2a_qp(text.encode(), istext=False).replace(b"=\n", b"=\r\n")
