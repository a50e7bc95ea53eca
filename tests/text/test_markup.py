"""HTML from outside is safe after one pass, and its text is clean."""

import os
import re
import subprocess
import sys
import time
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hairfeed.text.blocks import paragraphs, plain_text
from hairfeed.text.characters import clean_line, without_forbidden
from hairfeed.text.markup import has_markup, proof_of, sanitise, strip_markup

PAGE = "https://hairfear.com/loss/page.html?a=1"
FORBIDDEN = [
    "\x00",
    "\x0b",
    "\x1f",
    "\x7f",
    "\x85",
    "\ud800",
    "\udfff",
    "\ufdd0",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\U0010ffff",
]

TAGS = [
    "p",
    "div",
    "a href='x'",
    "a href='javascript:1'",
    "b",
    "em",
    "table",
    "tr",
    "td",
    "ul",
    "li",
    "pre",
    "button",
    "svg",
    "math",
]
TAGS += [
    "script",
    "style",
    "iframe",
    "form",
    "img src=x onerror=alert(1)",
    "h1",
    "sup",
    "object",
    "select",
    "noscript",
    "title",
    "mtext",
]
TAGS += [
    "p style='x' onclick=y",
    "img srcset='a 1x, b c, d 2x'",
    "br",
    "details",
    "template",
    "!--",
    "foreignObject",
    "annotation-xml",
]
SOUP = st.lists(
    st.one_of(
        st.sampled_from(TAGS).map(lambda tag: f"<{tag}>"),
        st.sampled_from(TAGS).map(lambda tag: f"</{tag.split()[0]}>"),
        st.sampled_from(["--", ">", "<", "&lt;script&gt;", "&amp;lt;", "&#0;", "&#x80;", '"', "'", "\n", " ", "]]>", *FORBIDDEN]),
        st.text(max_size=5),
    ),
    max_size=25,
).map("".join)


class SafeReader(HTMLParser):
    """A second opinion on what the sanitiser lets through; also checks that all tags are closed in order."""

    VOID = frozenset({"br", "hr", "img", "col", "wbr", "source"})
    REFUSED = frozenset(
        {"script", "style", "iframe", "form", "input", "object", "embed", "svg", "math", "template", "base", "meta"}
    )

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in self.REFUSED
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"style", "id", "class"}
            if name in {"href", "src", "cite"}:
                assert re.fullmatch(r"(?:https?://|mailto:|tel:)[!-~]*", value or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("<p onclick=x style='color:red' class=c id=i>A</p>", "<p>A</p>"),
        ("<script>alert(1)</script><style>p{}</style>A", "A"),
        ("<form action=/x><p>A</p><button>Send</button></form>", "<p>A</p>"),
        ("<iframe src=//x>old</iframe><object>old</object>A", "A"),
        ("A<!-- <b>hidden</b> -->B", "AB"),
        ("<p>A<p>B", "<p>A</p><p>B</p>"),
        ("<p><button><p>A", "<p></p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<p lang=ar dir=rtl>A</p>", '<p lang="ar" dir="rtl">A</p>'),
        ("<font color=red>A</font>", "A"),
        ("<p>A\x00\ufffe\ud800&#1;B</p>", "<p>AB</p>"),
        ("<img src='data:image/gif;base64,R0' alt='lazy'>A", "A"),
        ("<pre lang=en>" + "\n" * 20 + "a\n b</pre><p>A</p>", '<pre lang="en">a\n b</pre><p>A</p>'),
        ("<svg><p><style><img src=x onerror=alert(1)></style>", "<p></p>"),
    ],
)
def test_only_an_articles_tags_and_attributes_are_left(html: str, safe: str) -> None:
    assert sanitise(html, PAGE) == safe


@pytest.mark.parametrize(
    "html",
    [
        "<h2>A</h2><p>B <em>C</em> <strong>D</strong> H<sub>2</sub>O<br>E</p>",
        '<figure><img src="https://x.com/a.png" alt="A" width="1" height="2"><figcaption>B</figcaption></figure>',
        "<blockquote><p>A</p></blockquote><pre><code>a\n  b</code></pre><hr>",
        '<table><thead><tr><th scope="col">A</th></tr></thead><tbody><tr><td colspan="2">B</td></tr></tbody></table>',
        '<ol start="3"><li>A</li></ol><dl><dt>B</dt><dd>C</dd></dl>',
        '<p><abbr title="A">B</abbr> <del>C</del> <ins>D</ins> <mark>E</mark> <time datetime="2024-08-08">F</time></p>',
    ],
)
def test_what_an_article_is_made_of_stays_as_it_is(html: str) -> None:
    assert sanitise(html, PAGE) == html


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("other.html", "https://hairfear.com/loss/other.html"),
        ("/a", "https://hairfear.com/a"),
        ("//cdn.com/a", "https://cdn.com/a"),
        ("#note", "https://hairfear.com/loss/page.html?a=1#note"),
        ("?b=2", "https://hairfear.com/loss/page.html?b=2"),
        ("", PAGE),
        ("https://x.com", "https://x.com/"),
        ("HTTPS://X.com/A", "https://x.com/A"),
        (" a b/é?q=ü#ß ", "https://hairfear.com/loss/a%20b/%C3%A9?q=%C3%BC#%C3%9F"),
        ("a%20b%zz100%", "https://hairfear.com/loss/a%20b%25zz100%25"),
        ("/a[1]", "https://hairfear.com/a%5B1%5D"),
        ("https://bücher.de/", "https://xn--bcher-kva.de/"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a"),
        ("https://reader:secret@x.com/", "https://x.com/"),
        ("mailto:a@b.de?subject=Hair loss", "mailto:a@b.de?subject=Hair%20loss"),
        ("tel:+49-1", "tel:+49-1"),
    ],
)
def test_a_url_is_made_absolute_and_percent_encoded(url: str, absolute: str) -> None:
    assert sanitise(f'<a href="{url}">A</a>', PAGE) == f'<a href="{absolute}">A</a>'


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java&#10;script:alert(1)",
        "&#1;javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://x.com/",
        "https://",
        "https://a b/",
        "https://[bad/",
        "https://x.com:99999/",
        "https://x.com\uff0fevil.com/",
    ],
)
def test_a_url_that_is_broken_or_dangerous_goes(url: str) -> None:
    assert sanitise(f'<a href="{url}">A</a>', PAGE) == "<a>A</a>"


def test_every_image_of_a_srcset_is_made_absolute_and_bad_ones_go() -> None:
    html = '<img srcset="a.png 1x, /b,c.png  2x,javascript:1 3x, d.png what, e é.png, f.png">'
    assert sanitise(html, PAGE) == (
        '<img srcset="https://hairfear.com/loss/a.png 1x, https://hairfear.com/b,c.png 2x, https://hairfear.com/loss/f.png">'
    )


def test_a_base_url_of_another_scheme_makes_no_links() -> None:
    assert sanitise('<a href="a">A</a>', "file:///srv/page.html") == "<a>A</a>"


@pytest.mark.parametrize("tag", ["div", "span", "ul><li", "x-y", "ruby><rt"])
def test_absurdly_deep_tags_cost_no_more_than_their_text(tag: str) -> None:
    started = time.process_time()
    html = f"<{tag}>" * 100_000 + "A"
    assert sanitise(html, PAGE).strip() == strip_markup(html) == "A"
    assert time.process_time() - started < 5


def test_many_tags_side_by_side_are_not_deep() -> None:
    html = "<p><b>A</b></p>" * 2000
    assert sanitise(html, PAGE) == html


@given(html=SOUP)
@example(html="<svg></p><style><a title='</style><img src onerror=alert(1)>'>")
@example(html="<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>")
@example(html="<noscript><p title='</noscript><img src=x onerror=alert(1)>'>")
@example(html="<a>a<p><a>b<table><a>c")
@example(html="<pre>\n\n\nA</pre>")
def test_whatever_comes_in_safe_and_settled_html_comes_out(html: str) -> None:
    safe = sanitise(html, PAGE)
    SafeReader(safe)
    assert without_forbidden(safe) == safe
    assert sanitise(safe, PAGE) == safe


@given(url=st.text() | st.from_regex(r"\A(?:https?:)?/?/?[a-z0-9:@\[\]%?#&,; .é/\\]{0,20}\Z"))
def test_whatever_a_link_says_it_is_absolute_or_gone(url: str) -> None:
    quoted = url.replace("&", "&amp;").replace('"', "&quot;")
    safe = sanitise(f'<a href="{quoted}">A</a><img src="{quoted}" srcset="{quoted}" alt="">', PAGE)
    SafeReader(safe)
    assert sanitise(safe, PAGE) == safe


@given(html=SOUP, other=SOUP | st.just("\ud800"))
def test_a_proof_fits_one_html(html: str, other: str) -> None:
    assert proof_of(html) == proof_of(html)
    assert (proof_of(html) == proof_of(other)) is (html == other)


def test_a_proof_is_the_same_in_every_process() -> None:
    command = [sys.executable, "-c", "from hairfeed.text.markup import proof_of; print(proof_of('<p>A</p>'))"]
    told = {subprocess.check_output(command, env={**os.environ, "PYTHONHASHSEED": seed}, text=True) for seed in ("1", "2", "3")}
    assert told == {f"{proof_of('<p>A</p>')}\n"}


def test_text_has_a_line_for_every_block() -> None:
    html = "<h1>T</h1><p>a<br>b &amp;amp;\n c</p><ul><li>x</li><li>y<ul><li>z</li></ul></li></ul>end"
    html += "<table><tbody><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></tbody></table>"
    assert plain_text(html) == "T\n\na\nb &amp; c\n\nx\ny\nz\n\nend\n\n1 2\n3"


def test_a_text_of_many_references_or_in_many_blocks_is_read_in_one_go() -> None:
    # Were anything done again for each of them, this would take many minutes.
    assert plain_text("&amp;x" * 300_000) == "&x" * 300_000
    assert plain_text("<p>&amp;</p>" * 100_000).count("&") == 100_000
    nested = "<div>x" * 100_000
    assert plain_text(nested).count("x") == 100_000
    assert paragraphs(nested) == []


def test_no_html_has_no_text() -> None:
    assert plain_text("") == ""
    assert paragraphs("") == []


@given(text=st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert clean_line(plain_text(sanitise(f"<p>{html}</p>", PAGE))) == clean_line(text)


def test_only_prose_counts_as_a_paragraph() -> None:
    html = (
        "<h1>Title</h1><p>One.</p><ul><li><p>item</p></li></ul><blockquote><p>quote</p></blockquote><p> \u00a0 </p>"
        "<table><tbody><tr><td><p>cell</p></td></tr></tbody></table><figure><p>inside</p><figcaption>caption</figcaption></figure>"
        "<dl><dt>t</dt><dd><p>d</p></dd></dl><pre>code</pre><aside><p>ad</p></aside>bare<div><p>Two<br><em>lines</em>.</p></div>"
    )
    assert paragraphs(html) == ["One.", "Two\nlines."]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("It grows.<sup>12</sup>", "It grows."),
        ("It grows<sup>3, 4</sup> back", "It grows back"),
        ("It grows<sup>[a]</sup>", "It grows"),
        ('In 10<sup><a href="#n">1</a></sup> cases', "In 10 cases"),
        ('It<a href="#n"><sup>1</sup></a> grows', "It grows"),
        ("Since 2024<sup>1</sup>", "Since 2024"),
        ("from 10<sup>9</sup>/L", "from 10⁹/L"),
        ("25 kg/m<sup>2</sup>", "25 kg/m²"),
        ("<em>cm</em><sup>2</sup>", "cm²"),
        ("10 mL min<sup>-1</sup>", "10 mL min⁻¹"),
        ("the 8<sup>th</sup> week", "the 8th week"),
        ("H<sub>2</sub>O", "H2O"),
        ("<ruby>髪<rp>(</rp><rt>かみ</rt><rp>)</rp></ruby>", "髪"),
    ],
)
def test_the_mark_of_a_footnote_goes_and_an_exponent_stays_one(html: str, text: str) -> None:
    assert paragraphs(f"<p>{html}</p>") == [text]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a \n\t b\u00a0\u2003c\u2028d ", "a b c d"),
        ("cafe\u0301", "café"),
        ("so\u00adft\u200b\u2060\ufeff\u200e\u202e", "soft"),
        ("👩\u200d🔬 \u0645\u06cc\u200c\u062e", "👩\u200d🔬 \u0645\u06cc\u200c\u062e"),
        ("".join(FORBIDDEN), ""),
    ],
)
def test_a_line_is_one_line_of_visible_text(text: str, line: str) -> None:
    assert clean_line(text) == line


@given(text=st.text(st.characters()))
def test_a_clean_line_is_clean_for_good(text: str) -> None:
    line = clean_line(text)
    assert line == clean_line(line) == unicodedata.normalize("NFC", line)
    line.encode("utf-8")
    assert not re.search(r"\s\s|[\n\t]|^\s|\s$", line)


@pytest.mark.parametrize(
    ("text", "line", "marked"),
    [
        ("a < b", "a < b", False),
        ("p <0.05 and a<b", "p <0.05 and a<b", False),
        ("I <3 you <me@x.com> <https://x.com>", "I <3 you <me@x.com> <https://x.com>", False),
        ("a <b and so on", "a <b and so on", False),
        ("<b>Hair</b> &amp;amp; <i class='x'>loss</i>", "Hair &amp; loss", True),
        ("A<script>if (1 < 2) {}</script><style>p{}</style>B", "AB", True),
        ("<p>A</p><p>B</p>C<br/>D", "A B C D", True),
        ("A <!-- <b>hidden</b> --> B", "A B", True),
        ("AT&T &copy; &lt;b&gt;", "AT&T © <b>", False),
        ("", "", False),
    ],
)
def test_markup_is_told_from_text(text: str, line: str, marked: bool) -> None:
    assert strip_markup(text) == line
    assert has_markup(text) is marked


@given(text=SOUP)
def test_any_text_can_be_stripped(text: str) -> None:
    assert strip_markup(text) == clean_line(strip_markup(text))


@given(text=st.text(st.characters()))
def test_without_tags_and_entities_nothing_is_stripped(text: str) -> None:
    plain = text.replace("<", "< ").replace("&", "and")
    assert strip_markup(plain) == clean_line(plain)


@pytest.mark.parametrize("character", FORBIDDEN)
def test_a_character_that_no_feed_may_carry_is_taken_out(character: str) -> None:
    assert without_forbidden(f"a{character}b") == "ab"


@pytest.mark.parametrize(
    "character", ["\t", "\n", "\r", " ", "~", "\u00a0", "\u200d", "\ue000", "\ufffc", "\U0001f600", "\U0010fffd"]
)
def test_every_other_character_stays(character: str) -> None:
    assert without_forbidden(character) == character
