"""What a page of an issue says, and to whom."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html

from hairfeed.archive.issue_pages import IssuePages
from hairfeed.archive.plan import Neighbours
from hairfeed.errors import TemplateError
from hairfeed.files import shipped
from hairfeed.templates import csp_hash
from tests.archive.sample import BETWEEN, ISSUE, PAGE, hard_pages
from tests.conftest import CONFIG
from tests.feeds.pages import settings_with
from tests.test_settings import load


def read(page: bytes) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(page.decode())


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> lxml_html.HtmlElement:
    """The page of an issue that has everything."""
    return read(IssuePages(settings_with(tmp_path_factory.mktemp("site"))).issue(ISSUE, PAGE, BETWEEN))


def test_a_page_says_what_the_mail_said(issue: lxml_html.HtmlElement) -> None:
    assert issue.xpath("string(//h1)") == "Plain Hair Weekly"
    assert issue.xpath("string(//p[@class='lead'])") == "Issue 12 · 9 August 2024"
    articles = issue.xpath("//article//h2/a")
    assert [(link.text, link.get("href")) for link in articles] == [(one.title, one.url) for one in PAGE.featured]
    assert issue.xpath("//article//p[@class='summary']/text()") == [one.summary for one in PAGE.featured[:2]]
    others = [(link.text, link.get("href")) for link in issue.xpath("//ul[@class='titles']/li/a")]
    assert others == [(one.title, one.url) for one in PAGE.also] + [(one.title, one.url) for one in PAGE.corrections]


def test_a_picture_is_where_the_page_is_with_its_size_and_words(issue: lxml_html.HtmlElement) -> None:
    (picture,) = issue.xpath("//img")
    assert dict(picture.attrib) == {
        "src": "../../../pictures/0123456789abcdef0123.png",
        "width": "504",
        "height": "284",
        "alt": 'A brush & a "comb"',
    }


def test_a_page_leads_to_its_neighbours_the_list_the_feeds_and_the_newsletter(issue: lxml_html.HtmlElement) -> None:
    base = "https://hair.example.org/feeds"
    assert [link.get("href") for link in issue.xpath("//nav/a")] == [
        f"{base}/issues/weekly/11/",
        f"{base}/issues/weekly/13/",
        f"{base}/issues/weekly/",
    ]
    assert issue.xpath("//link[@rel='canonical']/@href") == [f"{base}/issues/weekly/12/"]
    assert issue.xpath("//link[@rel='prev' or @rel='next']/@href") == [f"{base}/issues/weekly/{number}/" for number in (11, 13)]
    offered = [(link.get("type"), link.get("href")) for link in issue.xpath("//link[@rel='alternate']")]
    assert offered[0] == ("application/rss+xml", f"{base}/feed.rss")
    assert len(offered) == 3
    assert issue.xpath("//a[@class='button']/@href") == ["https://hair.example.org/mail"]


def test_the_first_issue_alone_leads_to_no_other(tmp_path: Path) -> None:
    page = read(IssuePages(settings_with(tmp_path)).issue(ISSUE, replace(PAGE, also=(), corrections=()), Neighbours()))
    assert [link.text for link in page.xpath("//nav/a")] == ["All issues"]
    assert page.xpath("//ul") == []


def test_readers_subscribe_on_the_subscribe_pages_where_no_other_place_is_named(tmp_path: Path) -> None:
    settings = load(tmp_path, f'{CONFIG}\n[web]\nurl = "https://mail.example.org/join"\n')
    assert read(IssuePages(settings).issue(ISSUE, PAGE, BETWEEN)).xpath("//a[@class='button']/@href") == [
        "https://mail.example.org/join/"
    ]
    page = read(IssuePages(load(tmp_path)).issue(ISSUE, PAGE, BETWEEN))
    assert page.xpath("//a[@class='button']") == []


def test_the_list_has_every_issue_the_newest_first(tmp_path: Path) -> None:
    page = read(hard_pages(tmp_path)["issues.html"])
    links = page.xpath("//ol//h3/a")
    assert len(links) == 30
    assert (links[0].text, links[0].get("href")) == ("Subject number 30", "https://hair.example.org/feeds/issues/weekly/30/")


def test_no_text_of_an_issue_becomes_markup(tmp_path: Path) -> None:
    wild = "<script>alert(1)</script>\"'><img src=x>"
    hostile = replace(
        PAGE, newsletter=wild, subject=wild, featured=[replace(PAGE.featured[0], title=wild, summary=wild, topics=(wild,))]
    )
    page = read(IssuePages(settings_with(tmp_path)).issue(ISSUE, hostile, BETWEEN))
    assert page.xpath("//script") == []
    assert len(page.xpath("//img")) == 1
    assert page.xpath("string(//h1)") == wild


def test_only_the_page_s_own_style_may_be_used_and_only_its_own_pictures(issue: lxml_html.HtmlElement) -> None:
    (policy,) = issue.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert allowed["style-src"] == csp_hash(issue.xpath("string(//style)"))
    assert allowed["img-src"] == "'self'"
    assert allowed["default-src"] == "'none'"


@pytest.mark.parametrize(("language", "said"), [("de", "Alle Ausgaben"), ("fr", "Tous les numéros"), ("es", "Todos los números")])
def test_the_page_speaks_the_language_of_the_site(tmp_path: Path, language: str, said: str) -> None:
    page = read(IssuePages(settings_with(tmp_path, language=language)).issue(ISSUE, PAGE, BETWEEN))
    assert page.get("lang") == language
    assert page.xpath("//nav/a[last()]/text()") == [said]


def test_words_in_another_language_than_the_site_s_are_marked_as_such(tmp_path: Path) -> None:
    page = read(hard_pages(tmp_path)["issue-nl.html"])
    assert page.get("lang") == "nl"
    assert page.xpath("//nav/@lang") == page.xpath("//p[@class='lead']/@lang") == ["en"]


def test_a_fault_in_the_operator_s_own_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "own/web").mkdir(parents=True)
    template = tmp_path / "own/web/issue.html"
    template.write_text(shipped("templates/web/issue.html").read_text().replace("issue.subject", "isue.subject"))
    settings = load(tmp_path, CONFIG.replace("[store]", f'templates = "{tmp_path / "own"}"\n\n[store]'))
    with pytest.raises(TemplateError, match=r"issue\.html:3: .*isue"):
        IssuePages(settings).issue(ISSUE, PAGE, BETWEEN)
