"""The text of a page: what of it is the article, and what pictures and players become."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from hairfeed.collect.html import media as html_media
from hairfeed.collect.html import page as html_page
from hairfeed.collect.html.blocks import blocks_of
from hairfeed.collect.html.debris import is_debris
from hairfeed.collect.html.gaps import with_gaps
from hairfeed.collect.html.match import key, match
from hairfeed.collect.pages import Page
from hairfeed.errors import PageError

URL = "https://hair.example/wash"
SENTENCES = "A first sentence about hair. A second one, about {topic}, that says a little more than the first did. And a third."


def paragraphs(count: int) -> str:
    return "".join(f"<p>{SENTENCES.format(topic=f'matter number {number}')}</p>" for number in range(count))


def test_blocks_are_found_again_in_an_extractors_text() -> None:
    blocks = ["Home", "Care", "How to Wash", "x" * 50, "Six", "Share", "y" * 60, "© 2025"]
    found = match([key(block) for block in blocks], key("How to Wash" + "x" * 50 + "Six" + "y" * 60))
    assert [block for block, chosen in zip(blocks, found.chosen, strict=True) if chosen] == [
        "How to Wash",
        "x" * 50,
        "Six",
        "y" * 60,
    ]
    assert found.coverage == 1


def test_a_block_that_the_extractor_cut_something_out_of_is_found() -> None:
    whole = (
        "Hair that is washed too often dries out, as this long sentence tells (see also our page), and so does the scalp below it."
    )
    assert match([key(whole)], key(whole.replace("see also our page", ""))).chosen == [True]


def test_a_text_that_is_not_there_is_covered_by_nothing() -> None:
    assert match([key("Something else altogether")], key("What the extractor found")).coverage == 0
    assert match([], "").coverage == 0


def test_a_key_is_letters_and_digits_in_small() -> None:
    assert key("Wash_it: 2 times!\n") == "washit2times"
    assert key("Größe\u2014 2 \u2026 waschen_\u00a0!") == "grösse2waschen"


def test_a_sentence_that_comes_twice_is_found_in_its_second_place_too() -> None:
    blocks = ["a" * 50, "b" * 9, "a" * 50, "c" * 50]
    assert match(blocks, "".join(blocks)).chosen == [True] * 4


def test_what_the_extractor_leaves_out_between_paragraphs_is_text_unless_it_is_links() -> None:
    text = " ".join(["word"] * 20)
    body = lxml_html.fragment_fromstring(
        f"<div><p>Words and pictures by Jane</p><p>{text}</p><ul><li><a href='/1'>A story</a> about some combs</li></ul>"
        f"<p>Read well: <a href='/2'>a long story about brushes</a></p><div><p>A box</p></div><p class='related'>More of it</p>"
        f"<figure><figcaption>A comb</figcaption></figure><p>Advertisement</p><p>{text}</p><p>Good night</p></div>"
    )
    blocks = blocks_of(body)
    chosen = [len(block.text_content().split()) == 20 for block in blocks]
    filled = with_gaps(blocks, chosen, "On Combs")
    added = [block.text_content() for block, was, is_now in zip(blocks, chosen, filled, strict=True) if is_now and not was]
    assert added == ["A story about some combs"]


def test_a_short_note_comes_without_the_menus_round_it() -> None:
    menu = "".join(f'<li><a href="/{topic}">{topic}</a></li>' for topic in ("About this site", "Shop", "All the combs", "Imprint"))
    note = "<p>The shop is closed on Friday for the inventory. We are back on Saturday at nine.</p>"
    body = f"<div><ul>{menu}</ul></div><article><h1>Closed</h1>{note}</article><div><ul>{menu}</ul></div>"
    assert html_page.parse(f"<html><body>{body}</body></html>", URL).html == note


@pytest.mark.parametrize(
    "line",
    [
        "How to Wash",
        "By Jane Doe",
        "May 3, 2024",
        "3. Mai 2024",
        "Jane Doe | May 3, 2024",
        "Published 3 May 2024 at 10:00.",
        "Share this article on your favourite network",
        "5 min read",
        "12 comments",
        "Home > Care > Washing",
        "Photo: Jane Doe",
        "Advertisement",
    ],
)
def test_debris_is_known(line: str) -> None:
    assert is_debris(line, "How to Wash")


@pytest.mark.parametrize(
    "line",
    [
        "Wash it well.",
        "Published in 1922, the book is still the best one.",
        "By now everybody has heard of it.",
        "On 3 May 2024 a reader wrote to us.",
        "What You Need",
        "Sharing a brush is how lice travel.",
    ],
)
def test_text_is_no_debris(line: str) -> None:
    assert not is_debris(line, "How to Wash")


@pytest.mark.parametrize(
    ("player", "link"),
    [
        (
            '<iframe src="//www.youtube-nocookie.com/embed/abcdefghijk?x=1" title="Braids"></iframe>',
            '<a href="https://www.youtube.com/watch?v=abcdefghijk">Watch: Braids</a>',
        ),
        ('<iframe data-src="https://player.vimeo.com/video/123"></iframe>', '<a href="https://vimeo.com/123">Watch: vimeo.com</a>'),
        (
            '<iframe src="https://w.soundcloud.com/player/1"></iframe>',
            '<a href="https://w.soundcloud.com/player/1">Listen: w.soundcloud.com</a>',
        ),
        ('<video><source src="https://v.example/a.mp4"></video>', '<a href="https://v.example/a.mp4">Watch: v.example</a>'),
        ('<audio src="https://v.example/a.mp3" title="A talk"></audio>', '<a href="https://v.example/a.mp3">Listen: A talk</a>'),
        ('<iframe src="javascript:x()"></iframe>', ""),
        ('<iframe src="https://ad.doubleclick.net/x"></iframe>', ""),
        ('<iframe src="https://t.example/x" width="1" height="1"></iframe>', ""),
        ('<video src="blob:https://v.example/1"></video>', ""),
    ],
)
def test_a_player_becomes_a_link_or_goes(player: str, link: str) -> None:
    body = lxml_html.fromstring(f"<div><p>{player}</p></div>")
    html_media.link_players(body)
    assert lxml_html.tostring(body, encoding="unicode") == f"<div><p>{link}</p></div>"


@pytest.mark.parametrize(
    ("image", "source"),
    [
        ('<img src="a.jpg">', "a.jpg"),
        ('<img src="data:image/gif;base64,x" data-src="a.jpg">', "a.jpg"),
        ('<img src="/blank.gif" data-lazy-src="a.jpg">', "a.jpg"),
        ('<img data-srcset="a.jpg 1x, b.jpg 2x">', "a.jpg"),
        ('<picture><source srcset="a.webp"><img></picture>', "a.webp"),
        ('<img src="data:image/gif;base64,x"><noscript><img src="a.jpg"></noscript>', "a.jpg"),
        ('<noscript><img src="a.jpg"></noscript>', "a.jpg"),
        ('<img src="data:image/gif;base64,x">', None),
    ],
)
def test_a_lazy_image_gets_its_address_back(image: str, source: str | None) -> None:
    body = lxml_html.fromstring(f"<div>{image}</div>")
    html_media.mend_images(body)
    found = [element.get("src") for element in body.iter("img") if element.getparent().tag != "noscript"]
    assert found == ([source] if source else [])


def test_a_marked_article_of_the_operators_own_loses_no_text() -> None:
    page = html_page.parse(
        f"<title>A</title><nav>Menu</nav><article><p>Share</p><p>By Me</p>{paragraphs(5)}<p>Tags: hair</p></article>"
    )
    assert "<p>Share</p><p>By Me</p>" in page.html
    assert page.html.endswith("<p>Tags: hair</p>")
    assert page.is_article


def test_without_a_mark_the_article_is_looked_for() -> None:
    menu = "".join(f'<li><a href="/{number}">An article about something</a></li>' for number in range(20))
    page = html_page.parse(f"<title>A</title><div class='menu'><ul>{menu}</ul></div><div id='content'>{paragraphs(8)}</div>")
    assert page.html == paragraphs(8)


def test_addresses_are_relative_to_the_base_of_the_page() -> None:
    linked = '<p>There is <a href="x">one link</a> in this sentence, which is long enough to be kept.</p>'
    text = f'<html><head><title>A</title><base href="/deep/"></head><body><article>{paragraphs(3)}{linked}'
    assert '<a href="https://hair.example/deep/x">' in html_page.parse(text, URL).html


def test_two_line_breaks_end_a_paragraph_and_one_does_not() -> None:
    first, second, third = (SENTENCES.format(topic=topic) * 2 for topic in ("combs", "brushes", "pins"))
    page = html_page.parse(
        f"<title>A</title><body><div class='content'><p>{first}</p>{second}<br><br>{third}<br>{third}</div>", URL
    )
    assert page.html == f"<p>{first}</p><p>{second}</p><p>{third}<br>{third}</p>"


def test_a_page_that_is_drawn_by_scripts_has_the_text_that_it_declares() -> None:
    script = '{"@type": "Article", "headline": "A", "articleBody": "First words.\\n\\nLast <words>."}'
    page = html_page.parse(f'<script type="application/ld+json">{script}</script><div id="app"></div>', URL)
    assert page.html == "<p>First words.</p><p>Last &lt;words&gt;.</p>"


PIECES = [
    *(
        "<html>",
        "<head>",
        "<body>",
        "<article>",
        "</article>",
        "<h1>",
        "<p>",
        "</p>",
        "<div class='content'>",
        "</div>",
        "<table><tr><td>",
    ),
    *(
        "<br><br>",
        "<ul><li>",
        "<figure>",
        "<figcaption>",
        "<img data-src='a.jpg'>",
        "<iframe src='https://v.example/'>",
        "<noscript>",
    ),
    *(
        "<time datetime='2024-05-03'>",
        "<base href='http://[x'>",
        "<meta property='og:title' content='A'>",
        "<title>",
        "</title>",
        "<pre>",
    ),
    *(
        '<script type="application/ld+json">',
        "</script>",
        '{"@type":"Article"',
        '"headline":"A"',
        "}",
        ",",
        "Hair - 8-8-2024",
        "8. Mai 2024",
    ),
    *(
        "<aside>",
        "<picture><source srcset=','>",
        "<blockquote>",
        "<span class='date'>",
        "&#0;",
        "&#1;",
        "&#31;x",
        "\x1f",
        "<!--",
        "-->",
        SENTENCES,
        "<a href='x'>",
    ),
]


@settings(max_examples=60)
@given(
    st.text(max_size=200) | st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join),
    st.sampled_from([None, URL, "http://[broken", ""]),
)
def test_whatever_a_page_holds_it_is_a_page_or_is_refused(text: str, url: str | None) -> None:
    try:
        page = html_page.parse(text, url)
    except PageError as error:
        str(error).encode()
    else:
        assert isinstance(page, Page)
        assert page.title
        page.html.encode()
