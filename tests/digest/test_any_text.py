"""Whatever an article says, the mail about it is whole: no broken markup, no lost or false placeholder, no text as markup."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from hairfeed.digest.content import Correction, DigestArticle, DigestContent, Link, Picture
from hairfeed.digest.render import Rendering, Templates
from hairfeed.text.blocks import paragraphs
from hairfeed.text.excerpt import excerpt
from hairfeed.text.markup import sanitise
from hairfeed.text.merge import Field, Mergeable, Placeholder, address_token, name_token, without_tokens
from hairfeed.text.words import one_line
from tests.digest.issues import ARCHIVE, with_pages
from tests.digest.sample import a_digest, an_article

TEMPLATES = Templates(None)
HOSTILE = [
    """</title><script>alert("1")</script> ]]> '"><img src=x onerror=y> {{ 7 * 7 }} {% endblock %} --> &amp; <!--[if mso]>""",
    "Bcc: a@example.com\r\nSubject: Another\u2028line\u2029\x0bline\x85line",
    "left \u202eto right\u202c \u2066and\u2069 back \u200f\u061c",
    f"{name_token('you')} {address_token(Placeholder.UNSUBSCRIBE)} hf7mhf7mq4zkq4zk hf7mq4zkname0zz9z",
    "%(title)s %(number)d %s %% {title} </style> */ }",
    "\x00\ud800\ufffe\uffff\U0010ffff\u0300",
    "=?utf-8?q?Bcc=3A?= =0D=0A",
]
TEXT = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=120), st.text(alphabet="<>&\"'/=! abc{}%[]-hf7mq4zk\n\u202e", max_size=120)
)
BODY = st.lists(
    st.tuples(st.sampled_from(["p", "div", "style", "a href='x'", "h2", "table", "!--", "img alt='x'"]), TEXT), max_size=6
).map(lambda parts: "".join(f"<{tag}>{text}</{tag.split()[0]}>" for tag, text in parts))
ADDRESS = TEXT.map(lambda text: "https://hairfear.com/" + "".join(text.split()).replace('"', "").encode("utf-8", "replace").hex())


@st.composite
def articles(draw: st.DrawFn) -> DigestArticle:
    """An article as hostile as can be; its summary is cut from a sanitised body, or anything."""
    prose = paragraphs(sanitise(draw(BODY), "https://hairfear.com/"))
    picture = Picture(draw(ADDRESS), draw(st.integers(1, 2000)), draw(st.integers(1, 2000)), draw(TEXT))
    return replace(
        an_article(draw(st.integers(0, 3)), draw(TEXT), draw(st.one_of(st.just(excerpt(prose, "en")), TEXT))),
        topics=tuple(draw(st.lists(TEXT, max_size=2))),
        authors=tuple(draw(st.lists(TEXT, max_size=2))),
        picture=draw(st.one_of(st.none(), st.just(picture))),
        related=tuple(Link(title, url) for title, url in draw(st.lists(st.tuples(TEXT, ADDRESS), max_size=2))),
        read_all=draw(st.one_of(st.none(), st.builds(Link, TEXT, ADDRESS))),
    )


@st.composite
def contents(draw: st.DrawFn) -> DigestContent:
    """An issue of such articles."""
    content = with_pages(a_digest(draw(st.lists(articles(), min_size=1, max_size=3)), draw(st.lists(articles(), max_size=2))))
    return replace(
        content,
        language=draw(st.sampled_from(["en", "de", "ar", "fr", "nl"])),
        corrections=[
            Correction(title, url, date(2024, 8, 5)) for title, url in draw(st.lists(st.tuples(TEXT, ADDRESS), max_size=1))
        ],
        trimmed=draw(st.integers(0, 3)),
    )


# What every such issue holds, in its order: a greeting, and at its foot two addresses.
FIELDS = [Placeholder.NAME, Placeholder.UNSUBSCRIBE, Placeholder.PREFERENCES]
PAIRED = {"table", "tr", "td", "div", "p", "h1", "h2", "a", "b", "bdi", "ul", "li", "span", "style", "title"}
ELEMENTS = PAIRED | {"html", "head", "meta", "body", "img", "br"}
ATTRIBUTES = {
    *("lang", "dir", "charset", "name", "content", "class", "style", "role", "tabindex", "href", "src", "alt", "xmlns:o"),
    *("border", "cellpadding", "cellspacing", "width", "height", "align", "data-premailer"),
    *("aria-hidden", "aria-label", "aria-roledescription"),
}


def check(content: DigestContent, rendering: Rendering) -> None:
    """That the mail is what the template made of it, whatever the words."""
    page = lxml_html.document_fromstring(rendering.html)
    elements = [element for element in page.iter() if isinstance(element.tag, str)]
    assert {element.tag for element in elements} <= ELEMENTS
    assert {name for element in elements for name in element.attrib} <= ATTRIBUTES
    for tag in PAIRED:
        assert len(re.findall(rf"<{tag}[ >]", rendering.html)) == rendering.html.count(f"</{tag}>"), tag
    # The conditions for Outlook: a head, a table around all, and the logo for the dark.
    assert rendering.html.count("<!--") == 6
    assert page.findtext(".//title") == rendering.subject
    headings = [heading.text_content().strip() for heading in page.xpath("//h2")]
    for article, heading in zip(content.featured, headings, strict=False):
        assert heading.startswith(plain(article.title) or article.url)
    assert len(page.xpath("//td[@class='piece']")) == len(content.featured)
    for part in (rendering.html, rendering.text):
        assert [field.placeholder for field in Mergeable.of(part).fields] == FIELDS
    assert Mergeable.of(rendering.subject).fields == ()
    assert not set("\r\n\x00\x0b\x85\u2028\u2029\u202e\u2066") & set(rendering.subject + rendering.preheader)
    assert not set("\r\x00\x0b\x85\u2028\u2029\u202e\u2066") & set(rendering.text + rendering.html)
    texts: dict[str, str] = {}
    for link in page.iter("a"):
        text = " ".join("".join([*link.itertext(), *link.xpath(".//img/@alt")]).split())
        assert not text or texts.setdefault(text, link.get("href")) == link.get("href")
    rendering.html.encode()
    rendering.text.encode()


def plain(text: str) -> str:
    """What is left of a text in a mail."""
    return one_line(without_tokens(one_line(text)))


@given(contents())
@example(with_pages(a_digest([an_article(1, HOSTILE[0], HOSTILE[0])])))
def test_any_words_go_through_template_and_inliner(content: DigestContent) -> None:
    check(content, TEMPLATES.render(content))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(hostile: str) -> None:
    article = replace(an_article(1, f"T {hostile}", hostile), topics=(hostile,), authors=(hostile,))
    content = with_pages(a_digest([article], [an_article(2, f"U {hostile}")]))
    rendering = TEMPLATES.render(content)
    check(content, rendering)
    title = plain(f"T {hostile}")
    assert lxml_html.document_fromstring(rendering.html).xpath("//h2")[0].text_content().strip() == title


def test_a_name_has_a_fallback_in_the_readers_language() -> None:
    content = with_pages(a_digest([an_article()]))
    texts = {language: Mergeable.of(TEMPLATES.render(replace(content, language=language)).text) for language in ("en", "ar")}
    assert texts["en"].fields[0] == Field(Placeholder.NAME, "there")
    values = {Placeholder.NAME: "", Placeholder.UNSUBSCRIBE: "https://hairfear.com/mail/u/x", Placeholder.PREFERENCES: ARCHIVE}
    assert "Hello there,\n" in texts["en"].fill(values)
    assert "مرحبًا بك،\n" in texts["ar"].fill(values)
    html = Mergeable.of(TEMPLATES.render(content).html)
    assert "Hello <bdi>&lt;Ann&gt;</bdi>," in html.fill_html(values | {Placeholder.NAME: "<Ann>"})


def test_nobody_is_greeted_who_is_not_to_be() -> None:
    content = replace(with_pages(a_digest([an_article()])), newsletter=a_digest([]).newsletter)
    assert [field.placeholder for field in Mergeable.of(TEMPLATES.render(content).text).fields] == FIELDS[1:]
