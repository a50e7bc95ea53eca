"""Pages of feeds: what they say, when they are written, and what becomes of them when a template is faulty."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import html as lxml_html

from hairfeed.feeds.feed import FeedKind, publishable
from hairfeed.feeds.feed_page import ARTICLES, FeedPages
from hairfeed.templates import csp_hash
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.feeds.difficult import EDITED, FEED
from tests.feeds.pages import hard_pages, settings_with

CATEGORY = replace(FEED, kind=FeedKind.CATEGORY, label="Skin & Hair", title="Plain Hair: Skin & Hair")


@pytest.fixture
def pages(tmp_path: Path) -> FeedPages:
    return FeedPages(settings_with(tmp_path))


def read(page: bytes) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(page.decode())


def said(page: bytes) -> str:
    """What people read on a page, in one line."""
    return " ".join(read(page).find("body").text_content().split())


def offered(page: bytes) -> list[tuple[str, str]]:
    """Title and address of every feed that the page offers to programs."""
    return [(link.get("title"), link.get("href")) for link in read(page).xpath("//link[@rel='alternate']")]


def test_the_address_is_in_a_field_to_copy_it_from(pages: FeedPages) -> None:
    (field,) = read(pages.feed(publishable(FEED), [FEED])).xpath("//textarea[@readonly]")
    assert field.text == FEED.addresses.rss
    assert field.get("dir") == "ltr"


def test_the_button_to_copy_is_hidden_until_its_script_runs(pages: FeedPages) -> None:
    (button,) = read(pages.feed(publishable(FEED), [FEED])).xpath("//button")
    assert "hidden" in button.attrib


def test_a_page_leads_to_all_formats(pages: FeedPages) -> None:
    leads = {link.get("href") for link in read(pages.feed(publishable(FEED), [FEED])).xpath("//main//a")}
    assert {FEED.addresses.rss, FEED.addresses.atom, FEED.addresses.json} <= leads


def test_programs_are_offered_the_pages_own_feed_first_and_then_the_sites(pages: FeedPages) -> None:
    own = [FEED.addresses.rss, FEED.addresses.atom, FEED.addresses.json]
    assert [url for _, url in offered(pages.feed(publishable(FEED), [FEED]))] == own
    assert offered(pages.feed(publishable(CATEGORY), [FEED, CATEGORY])) == [
        ("Plain Hair: Skin & Hair", own[0]),
        ("Plain Hair: Skin & Hair (Atom)", own[1]),
        ("Plain Hair: Skin & Hair (JSON Feed)", own[2]),
        ("Plain Hair", "https://hair.example.org/feeds/feed.rss"),
    ]


def test_the_newest_articles_are_shown_with_day_and_summary(pages: FeedPages) -> None:
    many = [replace(EDITED, id=number, guid=str(number), title=f"Article {number}") for number in range(ARTICLES + 1)]
    page = read(pages.feed(publishable(replace(FEED, articles=many)), [FEED]))
    assert [title.text_content() for title in page.xpath("//article/h3")] == [f"Article {number}" for number in range(ARTICLES)]
    assert page.xpath("//article[1]//time")[0].text == "8 August 2024"
    assert page.xpath("//article[1]//time")[0].get("datetime") == "2024-08-08"
    assert page.xpath("//article[1]/p[@class='summary']")[0].text == EDITED.summary


def test_a_feed_without_articles_says_so(pages: FeedPages) -> None:
    assert "Nothing is published here yet" in said(pages.feed(publishable(replace(FEED, articles=())), [FEED]))


def test_the_sites_page_has_all_other_feeds_and_the_others_lead_to_it(pages: FeedPages) -> None:
    author = replace(FEED, kind=FeedKind.AUTHOR, label="Ann", page_url="https://example.com/feeds/author/ann/")
    site = read(pages.feed(publishable(FEED), [FEED, CATEGORY, author]))
    groups = [[link.text for link in group.xpath(".//a")] for group in site.xpath("//ul[@class='feeds']")]
    assert groups == [["Skin & Hair"], ["Ann"]]
    assert site.xpath("//a[@href='https://hair.example.org/feeds/feeds.opml']")
    other = read(pages.feed(publishable(CATEGORY), [FEED, CATEGORY, author]))
    assert not other.xpath("//ul[@class='feeds']")
    assert [link.text for link in other.xpath("//a[@href='https://hair.example.org/feeds/']")] == ["All feeds"]


def test_readers_may_subscribe_by_mail_where_there_is_a_place_for_it(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    assert read(FeedPages(settings).feed(publishable(FEED), [FEED])).xpath("//a[@href='https://hair.example.org/mail']")
    without = settings.model_copy(update={"feeds": settings.feeds.model_copy(update={"subscribe_url": None})})
    assert "mail" not in said(FeedPages(without).feed(publishable(FEED), [FEED]))


def test_the_pages_for_readers_are_such_a_place_and_feeds_lead_there_once_they_are(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    assert b"https://hair.example.org/join/" not in (publication.public / "index.html").read_bytes()
    publication.config.write_text(publication.config.read_text() + '\n[web]\nurl = "https://hair.example.org/join"\n')
    publication.run(FRIDAY)
    assert read((publication.public / "index.html").read_bytes()).xpath("//a[@href='https://hair.example.org/join/']")


def test_a_page_is_written_in_its_sites_direction_and_marks_words_of_another_language(tmp_path: Path) -> None:
    arabic = FeedPages(settings_with(tmp_path, language="ar"))
    page = read(arabic.feed(publishable(replace(FEED, language="ar")), [FEED]))
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    (heading,) = page.xpath("//h2[@id='latest']/span")
    assert (heading.get("lang"), heading.get("dir"), heading.text) == ("en", "ltr", "Latest articles")


def test_words_of_the_sites_own_language_need_no_mark(tmp_path: Path) -> None:
    page = read(FeedPages(settings_with(tmp_path, language="en-GB")).feed(publishable(replace(FEED, language="en-GB")), [FEED]))
    assert not page.xpath("//h2/span")


def test_texts_are_escaped(pages: FeedPages) -> None:
    bad = replace(EDITED, title="<script>alert(1)</script>", summary="<img src=x>", url='https://example.com/"><b>')
    page = pages.feed(publishable(replace(FEED, title='"><i>', description="</title><i>", articles=[bad])), [FEED])
    assert not read(page).xpath("//i | //b | //img | //body//script[contains(., 'alert')]")


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(tmp_path: Path) -> None:
    for page in map(read, hard_pages(tmp_path).values()):
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert allowed["default-src"] == "'none'"
        assert [csp_hash(style.text) for style in page.xpath("//style")] == [allowed["style-src"]]
        assert [csp_hash(script.text) for script in page.xpath("//script")] in ([allowed["script-src"]], [])
        assert not page.xpath("//*[@style] | //@*[starts-with(name(), 'on')]")


def test_a_hash_is_as_the_policy_wants_it() -> None:
    assert csp_hash("doSomething();") == "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    for page in hard_pages(tmp_path).values():
        assert not read(page).xpath("//@src | //link[@rel='stylesheet'] | //iframe | //form")
        assert not re.search(rb"@import|url\(", page)


def test_the_same_feed_gives_the_same_bytes(tmp_path: Path) -> None:
    assert hard_pages(tmp_path) == hard_pages(tmp_path)


def test_a_page_that_was_a_feed_leads_to_the_others(pages: FeedPages) -> None:
    gone = pages.gone(FEED)
    assert "This feed is gone" in said(gone)
    assert read(gone).xpath("//a[@href='https://hair.example.org/feeds/']")
    assert read(gone).xpath("//meta[@name='robots' and @content='noindex']")


def test_every_feed_has_a_page_beside_it_and_the_site_one_for_the_feeds_that_are_gone(publication: Publication) -> None:
    publication.page("brushing", category="Hair Care")
    publication.run(FRIDAY)
    found = {str(path.relative_to(publication.public)) for path in publication.public.rglob("*.html")}
    assert found == {"index.html", "gone.html", "category/hair-care/index.html", "author/plain-hair/index.html"}
    page = (publication.public / "category/hair-care/index.html").read_bytes()
    assert read(page).xpath("//link[@rel='canonical']/@href") == ["https://hair.example.org/feeds/category/hair-care/"]
    assert "Hair Care" in said((publication.public / "index.html").read_bytes())


def test_a_page_is_written_when_its_bytes_change_and_not_before(publication: Publication) -> None:
    publication.page("brushing", category="Hair Care")
    publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY)
    assert publication.run(FRIDAY + timedelta(hours=1)).publish.written == ()
    publication.page("itching", category="Scalp Care", date="13-8-2024")
    written = publication.run(NEXT_FRIDAY).publish.written
    assert {path for path in written if path.endswith(".html")} == {
        f"{folder}index.html" for folder in ("", "category/scalp-care/", "author/plain-hair/")
    }


def test_a_new_category_reaches_the_sites_page_and_a_withdrawn_one_leaves_it(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    page = publication.page("dandruff", category="Scalp Care")
    publication.run(FRIDAY + timedelta(hours=1))
    assert "Scalp Care" in said((publication.public / "index.html").read_bytes())
    page.unlink()
    for hour in (2, 3):
        report = publication.run(FRIDAY + timedelta(hours=hour)).publish
    assert "Scalp Care" not in said((publication.public / "index.html").read_bytes())
    assert "category/scalp-care/index.html" in report.withdrawn
    assert (publication.public / "category/scalp-care/index.html.gone").exists()


def test_the_operators_template_comes_first_and_a_change_in_it_reaches_the_pages(publication: Publication) -> None:
    own = own_template(publication, "<title>mine</title> {{ feed.title }}")
    publication.page("brushing")
    publication.run(FRIDAY)
    page = publication.public / "index.html"
    assert page.read_text() == "<title>mine</title> Plain Hair"
    own.write_text("<title>mine</title> {{ feed.title | upper }}")
    assert "index.html" in publication.run(FRIDAY).publish.written
    assert page.read_text() == "<title>mine</title> PLAIN HAIR"


def test_a_faulty_template_is_named_once_and_costs_no_feed_and_no_page(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    before = {path: path.read_bytes() for path in publication.public.rglob("*.html")}
    own = own_template(publication, "first line\n{{ feed.tittle }}")
    publication.page("drying")
    report = publication.run(FRIDAY + timedelta(hours=1)).publish
    assert [failure.what for failure in report.failures] == [
        f"{own}:2: 'hairfeed.feeds.feed.Feed object' has no attribute 'tittle'"
    ]
    assert "feed.rss" in report.written
    assert {path: path.read_bytes() for path in publication.public.rglob("*.html")} == before
    own.unlink()
    assert "index.html" in publication.run(FRIDAY + timedelta(hours=2)).publish.written


def test_pages_have_compressed_forms_if_wanted(publication: Publication) -> None:
    publication.configure("[newsletters", 'compress = ["gzip"]\n\n[newsletters')
    publication.page("brushing")
    publication.run(FRIDAY)
    assert {"index.html.gz", "gone.html.gz"} <= {path.name for path in publication.public.iterdir()}


def own_template(publication: Publication, text: str) -> Path:
    """A template of the operator's own for the pages of feeds."""
    path = publication.folder / "mine" / "web" / "feed.html"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    publication.configure("[store]", 'templates = "../mine"\n\n[store]')
    return path
