"""What a digest says, how its two parts agree, and what is said about faulty templates."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import css_inline
import pytest
from lxml import html as lxml_html

from hairfeed.digest.content import DigestContent
from hairfeed.digest.inline import inline
from hairfeed.digest.render import Rendering, Templates
from hairfeed.errors import TemplateError
from hairfeed.files import shipped
from tests.digest.issues import ISSUES
from tests.digest.make_golden import GOLDEN, make_golden
from tests.digest.sample import DIGEST, NEWSLETTER, SITE, a_digest, a_long_digest, an_article

HOSTILE = """</title><script>alert("1")</script> ]]> '"><img src=x onerror=y> {{ 7 * 7 }} --> &amp; <!--[if mso]>"""


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(None)


@pytest.fixture(scope="module")
def rendering(templates: Templates) -> Rendering:
    return templates.render(DIGEST)


def links(page: str) -> list[tuple[str, str]]:
    """Text and address of every link, in order."""
    return [(link.text_content(), link.get("href")) for link in lxml_html.document_fromstring(page).iter("a")]


def addresses(text: str) -> list[str]:
    return re.findall(r"^(?:https?|mailto):\S+$", text, re.MULTILINE)


def blocks(page: str) -> list[str]:
    """The style blocks that clients see, without the one for Outlook."""
    return re.findall(r"<style>(.*?)</style>", re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL), re.DOTALL)


class TestGolden:
    def test_the_six_issues_are_the_golden_ones(self, tmp_path: Path) -> None:
        make_golden(tmp_path)
        names = sorted(f"{name}{ending}" for name in ISSUES for ending in (".html", ".txt"))
        assert sorted(file.name for file in GOLDEN.iterdir()) == names
        for name in names:
            anew = "python -m tests.digest.make_golden writes it anew"
            assert (tmp_path / name).read_bytes() == (GOLDEN / name).read_bytes(), f"{name} differs; {anew}"

    def test_the_same_content_gives_the_same_bytes(self, templates: Templates, rendering: Rendering) -> None:
        assert templates.render(DIGEST) == rendering == Templates(None).render(DIGEST)


class TestSubject:
    @pytest.mark.parametrize(
        ("content", "subject"),
        [
            (a_digest([an_article(1, "How Hair Grows")]), "How Hair Grows"),
            (a_digest([an_article(1, "How Hair Grows"), an_article(2, "B")], [an_article(3, "C")]), "How Hair Grows + 2 more"),
            (a_digest([an_article(1, "How\r\nBcc: Hair\tGrows")]), "How Bcc: Hair Grows"),
            (
                a_digest([an_article(1, "word " * 40), an_article(2, "B")]),
                " ".join(["word"] * 16) + "… + 1 more",
            ),
        ],
    )
    def test_it_names_the_first_article_and_counts_the_others(
        self, templates: Templates, content: DigestContent, subject: str
    ) -> None:
        assert templates.render(content).subject == subject

    def test_it_is_the_title_of_the_page(self, rendering: Rendering) -> None:
        assert lxml_html.document_fromstring(rendering.html).findtext(".//title") == rendering.subject


class TestPreheader:
    @pytest.mark.parametrize(
        ("content", "preheader"),
        [
            (
                a_digest([an_article(1, "A")], [an_article(2, "Brushing: Less Is Often Enough"), an_article(3, "Dandruff or Not")]),
                "Brushing: Less Is Often Enough · Dandruff or Not",
            ),
            (
                a_digest([an_article(1, "A", "A first article about many things."), an_article(2, "Short")]),
                "Short · A first article about many things.",
            ),
            (a_digest([an_article(1, "A", "A first article about many things.")]), "A first article about many things."),
            (a_digest([an_article(1, "A", "")]), "HairFEAR Weekly, 9 August 2024"),
            (a_digest([an_article(1, "The Same", "The Same")]), "HairFEAR Weekly, 9 August 2024"),
        ],
    )
    def test_it_adds_to_the_subject(self, templates: Templates, content: DigestContent, preheader: str) -> None:
        assert templates.render(content).preheader == preheader

    def test_it_has_the_length_that_an_inbox_shows(self, templates: Templates) -> None:
        assert 40 <= len(templates.render(a_long_digest(20)).preheader) <= 130

    def test_it_opens_the_page_unseen_and_its_padding_is_not_read_out(self, rendering: Rendering) -> None:
        first = lxml_html.document_fromstring(rendering.html).body[0]
        assert first.text == rendering.preheader
        assert {"display:none", "mso-hide:all", "max-height:0"} <= set(first.get("style").split("; "))
        assert first[0].get("aria-hidden") == "true"
        assert set(first[0].text) == {"\u2007", "\u034f"}

    def test_nothing_of_it_is_in_the_text_part(self, rendering: Rendering) -> None:
        assert rendering.preheader not in " ".join(rendering.text.split())
        assert not re.search("[\u2007\u034f\u200b\u200c\ufeff]", rendering.text)


class TestPage:
    def test_it_keeps_its_doctype_and_has_one_charset(self, rendering: Rendering) -> None:
        assert rendering.html.startswith("<!DOCTYPE html>\n<html")
        assert rendering.html.count("charset") == 1

    @pytest.mark.parametrize(
        ("language", "site_language", "page_language", "direction", "side"),
        [
            ("en", "en", "en", "ltr", "left"),
            ("de-AT", "en", "de-AT", "ltr", "left"),
            ("ar", "ar", "ar", "rtl", "right"),
            # There are no words in Hebrew, so the page is what most of it is in.
            ("he-IL", "he-IL", "he-IL", "rtl", "right"),
            ("he", "en", "en", "ltr", "left"),
        ],
    )
    def test_language_and_direction_stand_on_page_and_wrapper(
        self, templates: Templates, language: str, site_language: str, page_language: str, direction: str, side: str
    ) -> None:
        content = replace(DIGEST, language=language, site=SITE.model_copy(update={"language": site_language}))
        page = lxml_html.document_fromstring(templates.render(content).html)
        (wrapper,) = page.xpath("//*[@role='article']")
        assert [(element.get("lang"), element.get("dir")) for element in (page, wrapper)] == [(page_language, direction)] * 2
        assert wrapper.get("aria-label") == "HairFEAR Weekly"
        assert f"text-align:{side}" in page.xpath("//div[@class='column']/@style")[0]

    @pytest.mark.parametrize(
        ("language", "site_language", "title_in", "words_in"),
        [
            ("en", "en", ("en", "ltr"), ("en", "ltr")),
            ("de", "en", ("en", "ltr"), ("de", "ltr")),
            ("ar", "en", ("en", "ltr"), ("ar", "rtl")),
            ("he", "he", ("he", "rtl"), ("en", "ltr")),
            ("nl", "nl", ("nl", "ltr"), ("en", "ltr")),
        ],
    )
    def test_every_part_is_marked_as_what_it_is_in(
        self,
        templates: Templates,
        language: str,
        site_language: str,
        title_in: tuple[str, str],
        words_in: tuple[str, str],
    ) -> None:
        content = replace(DIGEST, language=language, site=SITE.model_copy(update={"language": site_language}))
        page = lxml_html.document_fromstring(templates.render(content).html)
        (also,) = page.xpath("//td[@class='aside']/h2")
        foot = page.xpath("//td[@class='foot']/p")[0]
        for element in (page.xpath("//h2/a")[0], page.xpath("//p[@class='summary']")[0]):
            assert spoken(element) == title_in
        assert spoken(also) == spoken(foot) == words_in
        side = "right" if words_in[1] == "rtl" else "left"
        assert aligned(also) == aligned(foot) == side

    def test_the_headings_are_the_newsletter_then_one_for_each_article(self, rendering: Rendering) -> None:
        headings = lxml_html.document_fromstring(rendering.html).xpath("//h1 | //h2 | //h3 | //h4")
        assert [(heading.tag, heading.text_content()) for heading in headings] == [
            ("h1", "HairFEAR Weekly"),
            *(("h2", article.title) for article in DIGEST.featured),
            ("h2", "Also new"),
        ]

    def test_every_table_is_for_layout_only_even_in_comments(self, rendering: Rendering) -> None:
        tables = re.findall(r"<table\b[^>]*>", rendering.html)
        assert len(tables) == 3 + len(DIGEST.featured)
        assert all('role="presentation" border="0" cellpadding="0" cellspacing="0"' in table for table in tables)

    def test_one_style_block_is_left_and_it_wins_over_the_inlined_styles(self, rendering: Rendering) -> None:
        (block,) = blocks(rendering.html)
        rules = block.replace(":root { color-scheme: light dark; supported-color-schemes: light dark; }", "")
        declarations = re.findall(r"[^;{}]+;", rules)
        assert len(declarations) > 20
        assert all(declaration.endswith(" !important;") for declaration in declarations)
        assert block.count("@media") == 2
        assert "(prefers-color-scheme: dark)" in block
        assert len(block) < 16_000

    def test_outlook_has_a_block_and_a_table_of_its_own(self, rendering: Rendering) -> None:
        block, *table = re.findall(r"<!--.*?-->", rendering.html, re.DOTALL)
        assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in block
        assert "-apple-system" not in block
        assert [comment.count("table") for comment in table] == [1, 1]
        assert all('role="presentation"' in tag for tag in re.findall("<table[^>]*>", "".join(table)))

    def test_nothing_in_it_runs_or_loads(self, rendering: Rendering) -> None:
        assert not re.search(r"<(script|form|iframe|object|embed|link|img)\b|@import|url\(|src=", rendering.html)

    def test_thirty_articles_stay_below_the_size_that_gmail_clips(self, templates: Templates) -> None:
        page = templates.render(a_long_digest(30)).html
        assert page.count("Read: ") == 30
        assert len(page.encode("utf-8")) < 90_000

    def test_a_long_digest_can_be_left_at_its_top(self, templates: Templates, rendering: Rendering) -> None:
        page = templates.render(a_long_digest(30)).html
        assert links(page)[0] == ("Unsubscribe", DIGEST.unsubscribe_url)
        assert ("Unsubscribe", DIGEST.unsubscribe_url) not in links(rendering.html)

    @pytest.mark.parametrize("name", ISSUES)
    def test_inlined_styles_are_what_another_inliner_computes(self, name: str) -> None:
        page = Templates(None, inliner=str).render(ISSUES[name]).html
        base = re.sub('<style data-premailer="ignore">.*?</style>', "", page, flags=re.DOTALL)
        assert list(styles(inline(page))) == list(styles(css_inline.inline(base)))


def spoken(element: Any) -> tuple[str, str]:
    """Language and direction of an element, its own or inherited."""
    return element.xpath("ancestor-or-self::*[@lang][1]/@lang")[-1], element.xpath("ancestor-or-self::*[@dir][1]/@dir")[-1]


def aligned(element: Any) -> str:
    """The side at which an element's lines begin."""
    styles = element.xpath("ancestor-or-self::*[contains(@style, 'text-align')]/@style")
    return str(re.findall(r"text-align:\s*(\w+)", styles[-1])[-1])


def styles(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element below the body with its declarations, written one way."""
    for element in lxml_html.document_fromstring(page).body.xpath("descendant-or-self::*[not(self::tbody)]"):
        declarations = re.sub(r"""[\s"']""", "", element.get("style", "")).strip(";")
        yield element.tag, dict(sorted(declaration.split(":", 1) for declaration in declarations.split(";") if declaration))


class TestParts:
    def test_each_article_is_linked_by_its_title_and_by_a_link_that_names_it(self, rendering: Rendering) -> None:
        expected = [(text, article.url) for article in DIGEST.featured for text in (article.title, f"Read: {article.title}")] + [
            (article.title, article.url) for article in DIGEST.also
        ]
        assert links(rendering.html)[: len(expected)] == expected

    def test_no_two_links_have_one_text_and_two_targets(self, templates: Templates) -> None:
        twins = a_digest([an_article(1, "Letters"), an_article(2, "Letters")], [an_article(3, "Letters"), an_article(4, "News")])
        page = templates.render(twins).html
        assert len(dict(links(page))) == len(set(links(page)))
        assert "Letters (2 August 2024)" in dict(links(page))
        assert "News" in dict(links(page))

    def test_the_text_part_has_the_same_addresses_in_the_same_order(self, rendering: Rendering) -> None:
        assert addresses(rendering.text) == list(dict.fromkeys(address for _, address in links(rendering.html)))

    @pytest.mark.parametrize(
        "words",
        [
            "HairFEAR Weekly",
            "Issue 12",
            "9 August 2024",
            "8 August 2024",
            "Scalp Care",
            "Hair at the Beach: Sun, Salt & Chlorine",
            'A "week" by the water: 1.5\u00a0l < 2\u00a0l, and it\'s enough.',
            "You get this e-mail because you subscribed to HairFEAR Weekly.",
            "Unsubscribe from HairFEAR Weekly",
            "HairFEAR, 1 Example Street, Springfield",
            "General information, not medical advice.",
        ],
    )
    def test_both_parts_say_it(self, rendering: Rendering, words: str) -> None:
        assert words in rendering.text.replace("\n", " ")
        assert words in lxml_html.document_fromstring(rendering.html).text_content()

    def test_what_is_empty_leaves_no_trace(self, templates: Templates) -> None:
        content = replace(a_digest([an_article(1, summary="")]), site=SITE.model_copy(update={"notice": ""}))
        rendering = templates.render(content)
        assert "Also new" not in rendering.html + rendering.text
        assert 'class="summary"' not in rendering.html
        assert "medical" not in rendering.html + rendering.text
        assert "\n\n\n\n" not in rendering.text

    def test_lines_of_the_text_part_are_short_unless_they_are_addresses(self, rendering: Rendering) -> None:
        long = [line for line in rendering.text.split("\n") if len(line) > 76]
        assert [line for line in long if line not in addresses(rendering.text)] == []
        assert max(map(len, rendering.text.split("\n"))) > 60

    def test_a_long_address_stays_in_one_line(self, templates: Templates) -> None:
        address = "https://hairfear.com/" + "a-long-path/" * 20
        content = a_digest([replace(an_article(), url=address)])
        assert addresses(templates.render(content).text)[0] == address

    def test_hostile_words_stay_words(self, templates: Templates, rendering: Rendering) -> None:
        article = replace(an_article(1, HOSTILE, HOSTILE), topics=(HOSTILE,))
        content = replace(a_digest([article], [article]), newsletter=NEWSLETTER.model_copy(update={"title": HOSTILE}))
        hostile = templates.render(content)
        page = lxml_html.document_fromstring(hostile.html)
        assert page.xpath("//script | //img") == []
        assert page.findtext(".//title") == hostile.subject
        assert page.findtext(".//h1") == HOSTILE
        assert hostile.html.count("<!--") == rendering.html.count("<!--")
        assert "{{ 7 * 7 }}" in hostile.text
        assert '<script>alert("1")</script>' in hostile.text

    def test_characters_that_xml_forbids_and_line_breaks_are_taken_out(self, templates: Templates) -> None:
        rendering = templates.render(a_digest([an_article(1, "Zero\x00 and\u2028more", "Bell\x07\nand \ud800")]))
        assert ("Zero and more", "https://hairfear.com/1") in links(rendering.html)
        assert "Zero and more\n" in rendering.text
        assert "Bell and\n" in rendering.text


class TestOwnTemplates:
    @pytest.fixture
    def own(self, tmp_path: Path) -> Path:
        """An operator's folder with copies of the shipped templates."""
        (tmp_path / "email").mkdir()
        for template in shipped("templates/email").iterdir():
            (tmp_path / "email" / template.name).write_bytes(template.read_bytes())
        return tmp_path

    def test_an_own_template_comes_before_the_shipped_one(self, tmp_path: Path, rendering: Rendering) -> None:
        (tmp_path / "email").mkdir()
        (tmp_path / "email" / "digest.txt").write_text("{{ number }} & {{ featured[1].title }}\n")
        own = Templates(tmp_path).render(DIGEST)
        assert own.text == "12 & Hair at the Beach: Sun, Salt & Chlorine\n"
        assert own.html == rendering.html

    def test_the_newsletter_says_which_template(self, own: Path) -> None:
        for ending in ("html", "txt"):
            (own / "email" / f"digest.{ending}").rename(own / "email" / f"short.{ending}")
        (own / "email" / "short.txt").write_text("short")
        content = replace(DIGEST, newsletter=DIGEST.newsletter.model_copy(update={"template": "short"}))
        assert Templates(own).render(content).text == "short\n"

    def test_a_missing_template_is_named_with_the_places_that_were_searched(self, tmp_path: Path) -> None:
        content = replace(DIGEST, newsletter=DIGEST.newsletter.model_copy(update={"template": "absent"}))
        with pytest.raises(TemplateError, match=r"no template email/absent\.html") as refusal:
            Templates(tmp_path).render(content)
        assert str(tmp_path / "email") in str(refusal.value)

    @pytest.mark.parametrize(
        ("name", "fault", "complaint"),
        [
            ("digest.txt", "{{ nobody }}", "'nobody' is undefined"),
            ("digest.html", "{{ site.nobody }}", "no attribute 'nobody'"),
            ("digest.txt", "{% if number %}", "Unexpected end of template"),
            ("digest.txt", "{{ number | shout }}", "No filter named 'shout'"),
            ("digest.txt", "{{ 1 / 0 }}", "division by zero"),
            ("digest.txt", "{{ number | wrap }}", "strip"),
            ("digest.html", '{% extends "base.html" %}{% block mian %}{% endblock %}', "base.html has no block 'mian'"),
            ("digest.html", '{% extends "absent.html" %}', "no template email/absent.html"),
        ],
    )
    def test_a_fault_is_named_with_file_and_line(self, own: Path, name: str, fault: str, complaint: str) -> None:
        (own / "email" / name).write_text(f"one\n\n{fault}\n")
        with pytest.raises(TemplateError) as refusal:
            Templates(own).render(DIGEST)
        assert str(refusal.value).startswith(f"{own / 'email' / name}:")
        assert re.search(r":[34]: ", str(refusal.value))
        assert complaint in str(refusal.value)

    @pytest.mark.parametrize("name", ["digest.html", "digest.txt"])
    def test_a_template_that_breaks_a_placeholder_is_refused(self, own: Path, name: str) -> None:
        template = own / "email" / name
        template.write_text(
            template.read_text().replace("{{ parts.subscribed() }}", "{{ parts.subscribed() | replace('0.', '.') }}")
        )
        with pytest.raises(TemplateError, match=rf"{own}/email/{name}: a placeholder was broken"):
            Templates(own).render(ISSUES["thirty"])

    @pytest.mark.parametrize(
        ("own_ones", "says"), [(["digest"], "ours"), (["digest", "article"], "article"), ([], "HairFEAR Weekly")]
    )
    def test_an_own_digest_is_for_one_article_too_unless_there_is_an_own_article(
        self, tmp_path: Path, own_ones: list[str], says: str
    ) -> None:
        (tmp_path / "email").mkdir()
        for name in own_ones:
            (tmp_path / "email" / f"{name}.txt").write_text("ours" if name == "digest" else name)
        assert Templates(tmp_path).render(ISSUES["one-article"]).text.startswith(says)

    def test_a_fault_in_an_included_template_is_named_there(self, own: Path) -> None:
        (own / "email" / "digest.txt").write_text("{% include 'parts/foot.txt' %}")
        foot = own / "email" / "parts" / "foot.txt"
        foot.parent.mkdir()
        foot.write_text("one\n{{ nobody }}")
        with pytest.raises(TemplateError, match=re.escape(f"{foot}:2: ")):
            Templates(own).render(DIGEST)

    def test_a_page_that_asks_for_other_files_is_refused_by_name(self, own: Path) -> None:
        page, styles = own / "email" / "digest.html", own / "email" / "styles.html"
        styles.write_text(styles.read_text().replace("<style>\nbody", '<style>\n@import url("file:///dev/zero");\nbody'))
        with pytest.raises(TemplateError, match=re.escape(f"{page}: @import asks for another file")):
            Templates(own).render(DIGEST)
