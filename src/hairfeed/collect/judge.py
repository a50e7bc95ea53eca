"""From a page as written to an article: cleaned, dated, addressed and summarised, or refused with a reason. Pure."""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from urllib.parse import quote, urljoin, urlsplit
from zoneinfo import ZoneInfo

from hairfeed.collect.folder.address_patterns import address_path, generated_address, stated_address
from hairfeed.collect.html.players import holds_player
from hairfeed.collect.look import AnyLook
from hairfeed.collect.pages import Page
from hairfeed.collect.recordings import fetchable
from hairfeed.errors import PageError
from hairfeed.models.articles import FoundArticle, LeadImage
from hairfeed.settings.site import Site
from hairfeed.settings.sources import FolderSource, WebsiteSource
from hairfeed.text import excerpt, markup
from hairfeed.text.blocks import paragraphs, plain_text
from hairfeed.text.characters import clean_line, without_forbidden
from hairfeed.text.date_order import DateOrder
from hairfeed.text.dates import PrintedDate, read_date
from hairfeed.text.web_addresses import absolute_address

# What a URL may hold as it stands (RFC 3986 §2); everything else is percent-encoded.
_URL_CHARACTERS = "%/:=&?~#+!$,;'@()*[]-._"


def _where_a_date_goes(look: AnyLook) -> str:
    match look.source:
        case FolderSource():
            return "the form is a last line like 'Author - 8-8-2024', or 'date: 2024-08-08' in front matter"
        case WebsiteSource():
            return f'let the page state it, or say where it stands: [sources.{look.name}] selectors = {{ date = ".posted" }}'
        case _:
            return "neither its entry in the feed nor its page states one"


def judge(page: Page, upstream_id: str, stamp: str, look: AnyLook, order: DateOrder | None) -> FoundArticle:
    """The article on a page; `order` is that of the source's numeric dates, None while nothing tells.

    Raises:
        PageError: it cannot be published as it is, and why.
        DateError: its date cannot be told with certainty.
    """
    site = look.settings.site
    if page.date_text is None:
        raise PageError(f"has no date; {_where_a_date_goes(look)}")
    language = page.language or site.language
    # What is fetched is read today; a file may lie for years, so its "yesterday" says nothing.
    today = None if isinstance(look.source, FolderSource) else look.now
    printed = read_date(clean_line(page.date_text), order=order, zone=site.timezone, now=today, language=language)
    address_day = _read(page.address_date_text, order, site).on if page.address_date_text else printed.on
    told = in_plain_text(page)
    title = told.title
    if not title:
        raise PageError("has no title once markup and control characters are taken out of it")
    url = _address(page, upstream_id, address_day, look)
    html = markup.sanitise(_without_players(page.html), url)
    text = plain_text(html)
    if not text:
        raise PageError("has no text once scripts and styles are taken out of it")
    # What stands in a folder, its operator wrote; a page's description may be a template's.
    is_own = isinstance(look.source, FolderSource)
    summary = excerpt.summary(told.summary, title, paragraphs(html), language, trusted=is_own)
    image, enclosure = _image(page.image, url), fetchable(page.enclosure, url)
    # What has no recording keeps the hash of its form.
    heard = [asdict(enclosure)] if enclosure else []
    return FoundArticle(
        upstream_id=upstream_id,
        stamp=stamp,
        url=url,
        title=title,
        authors=told.authors,
        topics=told.topics,
        summary=summary,
        html=html,
        html_proof=markup.proof_of(html),
        published_at=_instant(printed, site.timezone),
        published_on=printed.on,
        content_hash=_hash([title, " ".join(text.split())]),
        form_hash=_hash([url, title, told.authors, told.topics, summary, html, image and asdict(image), *heard]),
        date_is_guess=page.date_is_guess,
        image=image,
        enclosure=enclosure,
        aliases=_aliases(page, url, look),
    )


def _without_players(html: str) -> str:
    if not holds_player(html):
        return html
    # Only an article that has one pays for what reads HTML.
    from hairfeed.collect.html.media import with_players_linked

    return with_players_linked(html)


def in_plain_text(page: Page) -> Page:
    """The page with title, summary, authors and topics as clean lines of plain text: whatever was HTML is decoded once."""
    line = clean_line if page.is_plain else markup.strip_markup
    return replace(
        page,
        title=line(page.title),
        summary=line(page.summary or ""),
        authors=tuple(filter(None, map(line, page.authors))),
        topics=tuple(dict.fromkeys(filter(None, map(line, page.topics)))),
        is_plain=True,
    )


def _image(image: LeadImage | None, url: str) -> LeadImage | None:
    """The lead image at an absolute web address; None when it has none that anybody could fetch."""
    address = absolute_address(image.url, url) if image else None
    return replace(image, url=address, alt=clean_line(image.alt)) if image and address else None


def _instant(printed: PrintedDate, zone: ZoneInfo) -> datetime:
    return (printed.at or datetime.combine(printed.on, time(), zone)).astimezone(UTC)


def title_notes(page: Page) -> list[str]:
    """What an operator should know of a title that is published differently from how it is written."""
    notes, title = [], page.title
    if not page.is_plain and markup.has_markup(title):
        notes.append("has markup in its title, which was taken out")
    if without_forbidden(title) != title:
        notes.append("has control characters in its title, which were taken out")
    if "]]>" in title:
        notes.append("has ']]>' in its title, which stays as plain text")
    return notes


def is_expired(page: Page, now: datetime, site: Site, order: DateOrder | None) -> bool:
    """Whether its author wants the page to be shown no more.

    Raises:
        DateError: the date from which cannot be told with certainty.
    """
    return page.expiry_text is not None and _instant(_read(page.expiry_text, order, site), site.timezone) <= now


def _read(date_text: str, order: DateOrder | None, site: Site) -> PrintedDate:
    return read_date(clean_line(date_text), order=order, zone=site.timezone)


def _address(page: Page, upstream_id: str, day: date, look: AnyLook) -> str:
    """The page's own, or the one that the config makes, or else its generator; as RFC 3986 writes it."""
    site, source = look.settings.site, look.source
    if not isinstance(source, FolderSource):
        return _stated_address(page.url or upstream_id, site)
    if stated := stated_address(page, upstream_id, day, site.url, look.convention):
        return _stated_address(stated, site)
    if source.url is not None:
        url = address_path(page, upstream_id, day, source.url, look.convention)
    else:
        url = generated_address(page, upstream_id, day, site.url, look.convention)
    return quote(url, safe=_URL_CHARACTERS)


def _stated_address(stated: str, site: Site) -> str:
    try:
        url = urljoin(site.url + "/", stated)
        parts = urlsplit(url)
        is_web_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_web_address = False
    if not is_web_address:
        raise PageError(f"states the address {stated!r}, which is no web address")
    return quote(url, safe=_URL_CHARACTERS)


def _aliases(page: Page, url: str, look: AnyLook) -> tuple[str, ...]:
    """Where the page was before. One that begins with a slash is the server's or the site's own, for generators differ."""
    site = look.settings.site.url
    stated: list[str] = []
    for alias in page.aliases:
        if alias.startswith("/"):
            stated += [f"{site}{alias}", f"{site}{look.convention.base}{alias}"]
        # Else it is no address, and leads to nothing.
        with suppress(ValueError):
            stated.append(urljoin(url.rstrip("/"), alias))
    bare = (quote(address, safe=_URL_CHARACTERS).rstrip("/") for address in stated)
    return tuple(dict.fromkeys(address + slash for address in bare for slash in ("", "/")))


def _hash(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
