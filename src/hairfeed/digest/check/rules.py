"""What every mail must be, as far as that can be seen without a mail program: rules, one a function."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import html as lxml_html

from hairfeed.digest.check.samples import Sample
from hairfeed.digest.content import DigestContent, Letter
from hairfeed.digest.render import Rendering

MOST_BYTES = 90_000
"""Of the HTML part: Gmail shows no more than 102 KB, and links grow on the way."""
MOST_STYLE_BYTES = 16_000
"""Of a style block: Gmail drops longer ones."""

_ADDRESS = re.compile(r"^(?:https?|mailto):\S+$", re.MULTILINE)
_EMPTY_PHRASES = re.compile(
    r"(read|learn|see) more|more|here|click here|link|weiterlesen|lire la suite|leer más|اقرأ المزيد", re.IGNORECASE
)
_LEFT_OVER = re.compile(r"{{|{%|%recipient|\*\||\[\[")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u2007\u034f\u00ad]")
_LAYOUT_ATTRIBUTES = ("role", "border", "cellpadding", "cellspacing")
_WIDTH = 76


@dataclass(frozen=True)
class Mail:
    """A rendered sample."""

    sample: Sample
    rendering: Rendering

    @cached_property
    def page(self) -> Any:
        """The HTML part."""
        return lxml_html.document_fromstring(self.rendering.html)

    @cached_property
    def links(self) -> Sequence[tuple[str, str]]:
        """Text and address of every link; of a picture, what stands for it."""
        return [
            (" ".join("".join([*link.itertext(), *link.xpath(".//img/@alt")]).split()), link.get("href", ""))
            for link in self.page.iter("a")
        ]


def complete_head(mail: Mail) -> Iterator[str]:
    """Clients take what is not said here for what they please."""
    head = mail.page.head
    if not (head.findtext("title") or "").strip():
        yield "the page has no <title>"
    if mail.rendering.html.lower().count("charset") != 1:
        yield "the head must name the charset once: <meta charset=utf-8>"
    for name in ("viewport", "x-apple-disable-message-reformatting", "format-detection", "color-scheme", "supported-color-schemes"):
        if not head.xpath("meta[@name=$name]", name=name):
            yield f'the head lacks <meta name="{name}">'


def language_and_direction(mail: Mail) -> Iterator[str]:
    """Webmail drops <html> and <body>, so both stand on the wrapper, too."""
    for element in [mail.page, *mail.page.xpath("//*[@role='article'][@aria-roledescription='email']")]:
        if not (element.get("lang") and element.get("dir")):
            yield f"<{element.tag}> says no lang or no dir"
    if not mail.page.xpath("//*[@role='article'][@aria-roledescription='email'][@aria-label]"):
        yield 'there is no wrapper <div role="article" aria-roledescription="email" aria-label="...">'


def headings(mail: Mail) -> Iterator[str]:
    """Screen readers leap from heading to heading."""
    levels = [int(heading.tag[1]) for heading in mail.page.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    if levels.count(1) != 1:
        yield f"there must be one <h1>, and there are {levels.count(1)}"
    for before, level in zip([0, *levels], levels, strict=False):
        if level > before + 1:
            yield f"<h{level}> follows <h{before}>; a level is left out"


def layout_tables(mail: Mail) -> Iterator[str]:
    """Else every cell is read out with its place; those in comments for Outlook count, too."""
    for table in dict.fromkeys(re.findall(r"<table\b[^>]*>", mail.rendering.html)):
        missing = [name for name in _LAYOUT_ATTRIBUTES if f"{name}=" not in table]
        if missing:
            yield f"{table} lacks {', '.join(missing)}"


def pictures(mail: Mail) -> Iterator[str]:
    """A mail is complete while pictures are blocked, and does not jump when they are shown."""
    for picture in mail.page.iter("img"):
        source = picture.get("src", "")
        missing = [name for name in ("alt", "width", "height") if picture.get(name) is None]
        if missing:
            yield f"the picture {source} lacks {', '.join(missing)}"
        if not source.startswith("https://") or re.search(r"\.(svg|webp)$", source):
            yield f"the picture {source!r} must be a PNG, JPEG or GIF at an https address"


def leads_there_from_anywhere(address: str) -> bool:
    """Whether it is an https address, and not one of this machine."""
    return address.startswith("https://") and not re.match(r"https://(localhost|127\.)", address)


def links(mail: Mail) -> Iterator[str]:
    """A link says where it leads, and leads there from anywhere."""
    targets: dict[str, str] = {}
    for text, address in mail.links:
        if not address.startswith("mailto:") and not leads_there_from_anywhere(address):
            yield f"the link {text!r} leads to {address!r}, which is no https or mailto address"
        if _EMPTY_PHRASES.fullmatch(text):
            yield f"the link {text!r} does not say what it leads to; name the article"
        if text and targets.setdefault(text, address) != address:
            yield f"two links are called {text!r} and lead to {targets[text]} and {address}"


def style_blocks(mail: Mail) -> Iterator[str]:
    """What is left after inlining has to get past the inlined styles."""
    for block in re.findall(r"<style>(.*?)</style>", re.sub(r"<!--.*?-->", "", mail.rendering.html, flags=re.DOTALL), re.DOTALL):
        if len(block.encode()) > MOST_STYLE_BYTES:
            yield f"a style block has {len(block.encode())} bytes; Gmail drops those above {MOST_STYLE_BYTES}"
        for declaration in re.findall(r"[^;{}]+(?=;)", re.sub(r":root\s*{[^}]*}", "", block)):
            if not declaration.rstrip().endswith("!important"):
                yield f"{declaration.strip()!r} in the kept style block has no !important, so the inlined styles win over it"


def nothing_that_clients_drop(mail: Mail) -> Iterator[str]:
    """Scripts and forms mark a mail as harmful; the rest is lost."""
    for element in dict.fromkeys(re.findall(r"<(script|form|iframe|object|embed|video|audio)\b", mail.rendering.html)):
        yield f"<{element}> has no place in a mail"
    styles = " ".join(mail.page.xpath("//@style"))
    for declaration in dict.fromkeys(
        re.findall(r"position:\s*\w+|display:\s*(?:flex|grid)|#[0-9a-fA-F]{3}\b(?![0-9a-fA-F])", styles)
    ):
        yield f"{declaration!r} in an inlined style is not known everywhere; colours have six digits, layout is by tables"


def size(mail: Mail) -> Iterator[str]:
    """Gmail cuts long mails, and with them the way out."""
    number = len(mail.rendering.html.encode())
    if number > MOST_BYTES:
        yield f"the HTML part of this sample has {number} bytes; it must stay below {MOST_BYTES}"


def hidden_preheader(mail: Mail) -> Iterator[str]:
    """What the inbox shows beside the subject comes first on the page, unseen."""
    if mail.rendering.preheader not in mail.page.body.text_content():
        yield "the page does not hold the preheader; inboxes show its first words instead"
    if mail.rendering.preheader == mail.rendering.subject:
        yield "the preheader repeats the subject"


def nothing_left_over(mail: Mail) -> Iterator[str]:
    """What was to be filled in, and was not, or with nothing."""
    texts = mail.page.xpath("//body//text() | //@href | //@src")
    for part, pieces in (("HTML", texts), ("text", mail.rendering.text.split("\n"))):
        for leftover in dict.fromkeys(_LEFT_OVER.findall(" ".join(pieces))):
            yield f"the {part} part holds {leftover!r}, which was to be filled in"
        if any(piece.strip() == "None" for piece in pieces):
            yield f"the {part} part says 'None' where a name has no value; ask {{% if ... %}} first"


def plain_text(mail: Mail) -> Iterator[str]:
    """The text part is text: no markup, no invisible padding, lines that can be quoted."""
    text = mail.rendering.text
    for found in dict.fromkeys(re.findall(r"</?(?:p|a|br|td|div|h[1-6])\b[^>]*>|&(?:amp|lt|gt|nbsp|#\d+);", text)):
        yield f"the text part holds markup: {found}"
    if _INVISIBLE.search(text):
        yield "the text part holds characters that nobody sees"
    for line in text.split("\n"):
        if len(line) > _WIDTH and not _ADDRESS.match(line) and " " in line:
            yield f"a line of the text part has more than {_WIDTH} columns; use the filter wrap: {line[:40]}…"


def both_parts_agree(mail: Mail) -> Iterator[str]:
    """Spam filters compare them, and some readers see only one."""
    shown = dict.fromkeys(address for _, address in mail.links)
    written = dict.fromkeys(_ADDRESS.findall(mail.rendering.text))
    for address in shown:
        if address not in written:
            yield f"the text part lacks a line with {address}, which the HTML part leads to"
    for address in written:
        if address not in shown:
            yield f"the HTML part does not lead to {address}, which the text part names"


def what_the_law_wants(mail: Mail) -> Iterator[str]:
    """A postal address, and in a mailing the way out."""
    content = mail.sample.content
    for part, text in (("HTML", mail.page.text_content()), ("text", mail.rendering.text)):
        if " ".join(content.site.postal_address.split()) not in " ".join(text.split()):
            yield f"the {part} part lacks site.postal_address"
    if isinstance(content, DigestContent | Letter) and content.unsubscribe_url:
        for part, text in (("HTML", "\n".join(address for _, address in mail.links)), ("text", mail.rendering.text)):
            if content.unsubscribe_url not in text:
                yield f"the {part} part lacks unsubscribe_url"


RULES: Sequence[Callable[[Mail], Iterator[str]]] = (
    complete_head,
    language_and_direction,
    headings,
    layout_tables,
    pictures,
    links,
    style_blocks,
    nothing_that_clients_drop,
    size,
    hidden_preheader,
    plain_text,
    nothing_left_over,
    both_parts_agree,
    what_the_law_wants,
)
