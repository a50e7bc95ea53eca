"""Title, authors, topics, summary and language of an HTML page: its config's selectors, JSON-LD, OpenGraph, meta, then the page."""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from lxml import html as lxml_html

from hairfeed.collect.html.debris import is_debris
from hairfeed.collect.html.tree import Document, first, is_elsewhere, line_of, names_of, value_of

_SEPARATORS = re.compile(r"\s+[|\-–—·•»«:~]{1,2}\s+|\s*[|»«]\s*")  # noqa: RUF001
_LONGEST_SITE_NAME = 4  # words
_HOME_PATH = re.compile(r"/?(?:index\.\w{3,5})?")
_FIRST_LINKS = 60
_WORD = re.compile(r"\w+")
_SPACELESS = re.compile("[\u3040-\u30ff\u3400-\u9fff]")

_BY = re.compile(r"^\s*(?:(?:[^\W\d]+\s+){0,4}by|von|par|por|door|di|av|af|text)\b[\s:]+", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|;|\||\band\b|\bund\b|\bet\b|&)\s*")
_AFTER_NAME = re.compile(
    r"\s*(?:,?\s+(?:M\.?D\.?|Ph\.?D\.?|RN|MPH|MS|BSc|MSc|FAAD)\b\.?|\s+(?:on|updated|published|posted)\b.*|\s*\(.*|\s[-–—|•·]\s.*)$"  # noqa: RUF001
)
_NO_NAME = re.compile(
    r"(?:admin(?:istrator)?|editor|webmaster|guest|user|root|author|staff|unknown|anonymous|none|null|wordpress|super ?user|default"
    r"|redaktion|by|share)\d*",
    re.IGNORECASE,
)
_LONGEST_NAME = 6  # words
_MOST_AUTHORS = 8
_AUTHOR_METAS = (
    "citation_author",
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
)

_BYLINE = (
    "//*[@rel='author' or contains(@itemprop, 'author') or contains(@class, 'byline') or (self::a and contains(@href, '/author/'))"
    " or (contains(@class, 'author') and (contains(@class, 'author-name') or contains(@class, 'author__name')"
    " or contains(@class, 'entry-author') or contains(@class, 'post-author') or contains(@class, 'vcard')))]"
)
_IS_STANDFIRST = re.compile(
    r"(?:^|[-_\s])(?:dek|deck|standfirst|subtitle|sub-?head(?:line)?|lede|lead|strapline|intro)(?:$|[-_\s])", re.IGNORECASE
)
_FEWEST_WORDS = 8
_LONGEST_STANDFIRST = 120  # words
_MOST_TOPICS = 5


def title(document: Document) -> str:
    """The headline; "" when the page has none.

    The page's own heading comes first where the head confirms it, as heads are written for search engines; a name of the
    site that stands before or behind it is taken off.
    """
    if chosen := first([value_of(element) for element in document.selected("title")]):
        return chosen
    head_title = first([line_of(element) for element in document.root.xpath("//title[not(ancestor::*[local-name()='svg'])]")]) or ""
    declared = document.declared.headline if document.declared.is_article else None
    stated = list(filter(None, [declared, document.meta("og:title", "citation_title", "parsely-title", "twitter:title")]))
    site = site_name(document) or _name_on_home_link(document, head_title)
    stated = [without_site_name(text, site) for text in stated]
    headings = _headings(document, "h1")
    confirmed = [text for text in headings if _is_confirmed(text, [*stated, head_title], site)]
    if confirmed:
        return _without_button(max(confirmed, key=len), [*stated, without_site_name(head_title, site)])
    if lower := [text for text in _headings(document, "h2", "h3") if _is_part(text, [*stated, head_title], site)]:
        return max(lower, key=len)
    fallback = without_site_name(head_title, site)
    # A heading that was taken off the head's title as the site's name is that.
    others = [text for text in headings if _key(text) not in _key(head_title) or _key(text) in _key(fallback)]
    return next(filter(None, [*stated, *others, fallback, *headings]), "")


def site_name(document: Document) -> str | None:
    """What the site calls itself, as far as the page tells."""
    return document.meta("og:site_name", "application-name") or document.declared.site_name


def without_site_name(text: str, site: str | None) -> str:
    """A title without the site's name before or behind it: the name that is known, else a short last part."""
    marks = list(_SEPARATORS.finditer(text))
    if not marks:
        return text
    head, tail = text[: marks[-1].start()], text[marks[-1].end() :]
    lead, rest = text[: marks[0].start()], text[marks[0].end() :]
    if site and _key(tail) and (_key(tail) in _key(site) or _key(site) in _key(tail)):
        return head.strip() or text
    if site and _key(lead) == _key(site):
        return rest.strip() or text
    is_short = _word_count(tail) <= _LONGEST_SITE_NAME and _word_count(tail) < _word_count(head)
    is_mark = any(character in marks[-1][0] for character in "|»«·")
    return head.strip() if head.strip() and is_short and (is_mark or not site) and ":" not in marks[-1][0] else text


def _word_count(text: str) -> float:
    """Its words; scripts without spaces have two letters to one."""
    return len(text.split()) + len(_SPACELESS.findall(text)) / 2


def authors(document: Document) -> tuple[str, ...]:
    """The names of those who wrote it, without titles, addresses and accounts."""
    return next(filter(None, map(names, _stated_authors(document))), ())


def _stated_authors(document: Document) -> Iterator[Sequence[str]]:
    yield [value_of(element) for element in document.selected("author")]
    declared = document.declared.authors
    if [_key(name) for name in declared] != [_key(site_name(document) or "")]:
        yield declared
    for name in _AUTHOR_METAS:
        yield document.metas.get(name, ())
    yield _bylines(document)


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """The names in the texts of bylines: several in one text are told apart, what is no name is left out."""
    found: dict[str, str] = {}
    for text in texts:
        line = _BY.sub("", " ".join(text.split()))
        # "Doe, Jane" is one name, as bibliographies write it.
        if re.fullmatch(r"[^\W\d]+, [^\W\d]+(?: [^\W\d]\.?)?", line):
            line = " ".join(reversed(line.split(", ")))
        for part in _AND.split(_AFTER_NAME.sub("", line)):
            name = _AFTER_NAME.sub("", _BY.sub("", part)).strip(" .:|-")
            if _is_name(name):
                found.setdefault(name.casefold(), name)
    return tuple(found.values())[:_MOST_AUTHORS]


def topics(document: Document) -> tuple[str, ...]:
    """The few categories that the page puts itself in: its section, else its tags, else the last step of its breadcrumbs."""
    kept = (list(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip())) for texts in _stated_topics(document))
    return tuple(next(filter(None, kept), [])[:_MOST_TOPICS])


def _stated_topics(document: Document) -> Iterator[Sequence[str]]:
    yield [value_of(element) for element in document.selected("topics")]
    yield document.metas.get("article:section", ()) or document.metas.get("category", ())
    yield document.declared.topics
    yield document.metas.get("parsely-section", ())
    yield [line_of(link) for link in document.root.xpath("//a[contains(concat(' ', @rel, ' '), ' tag ')]")[: 3 * _MOST_TOPICS]]
    tags = document.metas.get("article:tag", ())
    yield tags if len(tags) <= _MOST_TOPICS else ()
    yield [_breadcrumb(document) or ""]


def summary(document: Document, headline: str) -> str | None:
    """The author's own summary: what the head says, unless it repeats the title or praises the site; else the standfirst."""
    if chosen := first([value_of(element) for element in document.selected("summary")]):
        return chosen
    stated = [document.declared.summary if document.declared.is_article else None]
    stated += [document.meta(name) for name in ("description", "og:description", "twitter:description", "dc.description")]
    for text in filter(None, stated):
        if not _says_nothing(text, headline, document):
            return " ".join(text.replace("\\n", " ").split())
    return standfirst(document, headline)


def standfirst(document: Document, headline: str) -> str | None:
    """The paragraph below the headline that sums the article up, where the page marks one; None otherwise."""
    marked = [
        element
        for element in document.root.xpath("//*[self::p or self::h2 or self::h3 or self::div][@class]")
        if _IS_STANDFIRST.search(element.get("class")) and not is_elsewhere(element)
    ]
    below = [
        element
        for heading in document.root.xpath("//h1")
        if (element := heading.getnext()) is not None and element.tag == "h2" and _key(line_of(heading)) == _key(headline)
    ]
    for element in [*marked, *below]:
        text = line_of(element)
        if _FEWEST_WORDS <= len(text.split()) <= _LONGEST_STANDFIRST and _key(text) != _key(headline):
            return text
    return None


def language(document: Document) -> str | None:
    """The language that the page states, as a BCP 47 tag."""
    stated = [
        *document.root.xpath("/html/@lang | /html/@xml:lang"),
        document.declared.language or "",
        document.meta("content-language", "og:locale", "dc.language") or "",
    ]
    tag = (first(stated) or "").replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", tag) else None


def is_draft(document: Document) -> bool:
    """Whether search engines are asked not to list the page."""
    return any("noindex" in content.lower() for content in document.metas.get("robots", ()))


def _without_button(heading: str, stated: list[str]) -> str:
    """A heading as the head's titles have it, where it only ends in what is on a button: "Tweet", "Share"."""
    ends = (text for text in stated if text and heading.startswith(text) and heading != text)
    return next((text for text in ends if is_debris(heading[len(text) :], "")), heading)


def _name_on_home_link(document: Document, head_title: str) -> str | None:
    """The text of a link to the home page that the head's title begins or ends with."""
    whole = _key(head_title)
    for link in document.root.xpath("//body//a[@href]")[:_FIRST_LINKS]:
        key = _key(line_of(link)) if _is_home(link.get("href")) else ""
        if key and key != whole and (whole.startswith(key) or whole.endswith(key)):
            return line_of(link)
    return None


def _is_part(heading: str, stated: list[str], site: str | None) -> bool:
    """Whether one of the head's titles is this heading, alone or beside the site's name."""
    key = _key(heading)
    is_site = key == _key(site or "")
    return (
        bool(key) and not is_site and any(_key(text).startswith(key) or _key(text).endswith(key) for text in filter(None, stated))
    )


def _headings(document: Document, *tags: str) -> list[str]:
    elements = document.root.iter(*tags)
    return [text for element in elements if not _is_logo(element) and (text := line_of(element))]


def _is_logo(heading: lxml_html.HtmlElement) -> bool:
    """A heading that is called a logo or links to the home page is the site's name."""
    if re.search(r"\b(?:logo|site-title|brand)\b", names_of(heading), re.IGNORECASE):
        return True
    hrefs = heading.xpath(".//a/@href | parent::a/@href")
    return bool(hrefs) and _is_home(hrefs[0])


def _is_home(href: str) -> bool:
    # "" and "#" are the page itself.
    try:
        return bool(href) and not href.startswith(("#", "?")) and _HOME_PATH.fullmatch(urlsplit(href.strip()).path) is not None
    except ValueError:
        return False


def _is_confirmed(heading: str, stated: list[str], site: str | None) -> bool:
    """Whether a heading is the headline: the head's titles hold it, or share most of its words, and it is not the site's name."""
    words = set(_WORD.findall(heading.casefold()))
    if not words or (site and _key(heading) == _key(site)):
        return False
    for text in filter(None, stated):
        others = set(_WORD.findall(text.casefold()))
        main = set(_WORD.findall(without_site_name(text, site).casefold()))
        if _key(heading) in _key(text) and len(words & main) * 2 >= len(main):
            return True
        if len(words & others) * 2 > len(words | main):
            return True
    return False


def _bylines(document: Document) -> list[str]:
    found = []
    for element in document.root.xpath(_BYLINE)[:20]:
        if element.tag == "meta" or is_elsewhere(element):
            continue
        inner = element.xpath(".//*[@itemprop='name' or @rel='author' or contains(@class, 'fn')]")
        text = line_of(inner[0]) if inner else value_of(element)
        if text and len(text.split()) <= 2 * _LONGEST_NAME:
            found.append(text)
    return found[:1] if len({_key(text) for text in found}) > _MOST_AUTHORS else found


def _is_name(text: str) -> bool:
    if not text or "@" in text or "://" in text or text.startswith("www.") or _NO_NAME.fullmatch(text):
        return False
    return len(text.split()) <= _LONGEST_NAME and any(map(str.isalpha, text)) and not re.search(r"\d{2}", text)


def _breadcrumb(document: Document) -> str | None:
    """The last step that is a link: the page itself is none, and the first is the home page."""
    if document.declared.breadcrumb:
        return document.declared.breadcrumb
    trails = document.root.xpath("//*[contains(@class, 'breadcrumb') or contains(@id, 'breadcrumb')]")
    steps = [text for link in trails[0].iter("a") if (text := line_of(link))] if trails else []
    return steps[-1] if len(steps) > 1 else None


def _says_nothing(text: str, headline: str, document: Document) -> bool:
    """Whether a description is the title again, the site's name, or its slogan: the name with a few words of praise."""
    key, site = _key(text), _key(site_name(document) or "")
    if not key or key in (_key(headline), site) or key in _key(headline):
        return True
    if _key(headline) and _key(headline) in key and len(text.split()) - len(headline.split()) < _FEWEST_WORDS:
        return True
    is_slogan = bool(site) and key.startswith(site) and re.match(r".{0,60}?\s[|–—:-]\s", text) is not None  # noqa: RUF001
    return (
        is_slogan
        or re.match(r"(?:just another|a blog about|welcome to|the official (?:site|website))\b", text, re.IGNORECASE) is not None
    )


def _key(text: str) -> str:
    """What two writings of one text have in common: letters and digits."""
    return "".join(_WORD.findall(text.casefold()))
