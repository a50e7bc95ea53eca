"""Links of a mail that are counted: which, under which numbers, and what stays as it is."""

import re
from dataclasses import replace

import pytest

from hairfeed.digest.content import DigestContent
from hairfeed.digest.fit import fit
from hairfeed.digest.links import Tracker
from hairfeed.digest.render import Templates
from hairfeed.digest.tracking import Tracked
from hairfeed.settings.newsletters import Campaign
from hairfeed.text.merge import Placeholder, address_token
from tests.digest.issues import ARCHIVE, PREFERENCES, UNSUBSCRIBE, an_illustrated_article, with_pages
from tests.digest.sample import a_digest, a_long_digest

OWN = address_token(Placeholder.TRACK)
NUMBERED = re.compile(re.escape(OWN) + r"(\d+)(?![\d.])")


@pytest.fixture(scope="module")
def content() -> DigestContent:
    """Articles with pictures, related articles and a campaign in their addresses."""
    mark = Tracker.of(Campaign(source="hairfear", medium="email"), "weekly", 12).mark
    featured = [an_illustrated_article(number) for number in range(3)]
    return with_pages(a_digest([replace(one, url=mark(one.url)) for one in featured]))


@pytest.fixture(scope="module")
def tracked(content: DigestContent) -> tuple[dict[str, int], str, str]:
    """The numbers of links, the text, and the HTML."""
    links: dict[str, int] = {}
    made = Tracked(Templates(None), links).render(content)
    return links, made.text, made.html


def test_every_link_to_an_article_has_a_number_and_the_same_one_in_both_parts(
    content: DigestContent, tracked: tuple[dict[str, int], str, str]
) -> None:
    links, text, html = tracked
    assert set(links) >= {article.url for article in content.featured}
    assert sorted(links.values()) == list(range(1, len(links) + 1))
    assert {int(number) for number in NUMBERED.findall(html)} == set(links.values())
    assert {links[article.url] for article in content.featured} <= {int(number) for number in NUMBERED.findall(text)}


def test_no_address_of_an_article_is_left_in_the_mail(content: DigestContent, tracked: tuple[dict[str, int], str, str]) -> None:
    _, text, html = tracked
    for article in content.featured:
        assert article.url not in text
        assert article.url.replace("&", "&amp;") not in html
        assert article.url not in html


def test_a_readers_own_links_and_the_archive_lead_where_they_did(tracked: tuple[dict[str, int], str, str]) -> None:
    links, text, html = tracked
    assert not {ARCHIVE, UNSUBSCRIBE, PREFERENCES} & set(links)
    for address in (ARCHIVE, UNSUBSCRIBE, PREFERENCES):
        assert f'href="{address}"' in html
        assert address in text


def test_one_point_stands_at_the_end_of_the_html_alone(tracked: tuple[dict[str, int], str, str]) -> None:
    _, text, html = tracked
    assert html.count("0.gif") == 1
    assert re.search(rf'<img src="{re.escape(OWN)}0\.gif" alt="" width="1" height="1" style="display: block"></body>', html)
    assert "0.gif" not in text


def test_numbers_are_the_same_whenever_the_same_is_rendered(content: DigestContent) -> None:
    first: dict[str, int] = {}
    second: dict[str, int] = {}
    assert Tracked(Templates(None), first).render(content) == Tracked(Templates(None), second).render(content)
    assert first == second


def test_counted_links_count_when_a_mail_is_made_to_fit() -> None:
    long = a_long_digest(60)
    longest = dict.fromkeys(Placeholder, 100)
    plain, counted = fit(long, Templates(None), longest), fit(long, Tracked(Templates(None)), longest)
    assert max(plain.size, counted.size) <= 90_000
    filled = counted.rendering.html.replace(OWN, "x" * 100)
    assert len(filled.encode()) <= 90_000
