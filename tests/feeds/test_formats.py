"""What holds for RSS, Atom and JSON alike: they say the same, lose nothing, and never change on their own."""

import locale
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.feeds.feed import Feed
from hairfeed.models.articles import Article
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, TITLE_ONLY, feed_of
from tests.feeds.make_golden import BUILDERS, GOLDEN
from tests.feeds.readers import ROUND_TRIPS, ReadArticle, ReadFeed

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
DIFFICULT_TEXT = st.lists(
    st.sampled_from(["]]>", "&amp;", "<b>", "</p>", "'", '"', "\r\n", "&#0;", "👩🏽‍🦱", "שער", "髪"]) | ANY_TEXT
).map("".join)
ANY_ARTICLE = st.builds(
    replace,
    st.just(EDITED),
    title=DIFFICULT_TEXT,
    summary=DIFFICULT_TEXT,
    html=DIFFICULT_TEXT,
    authors=st.lists(ANY_TEXT, max_size=3).map(tuple),
    topics=st.lists(ANY_TEXT, max_size=3).map(tuple),
    url=st.just(EDITED.url) | ANY_TEXT.map("https://example.com/{}".format),
)

every_format = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS.keys())
every_round_trip = pytest.mark.parametrize("round_trip", ROUND_TRIPS.values(), ids=ROUND_TRIPS.keys())


def fit(text: str) -> str:
    """What of `text` may stand in a feed: the rule in other words than the code's."""
    return "".join(character for character in text if character in "\t\n\r" or _fit(character)).strip()


def _fit(character: str) -> bool:
    noncharacter = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    return unicodedata.category(character) not in {"Cc", "Cs"} and not noncharacter and character != "\ufffd"


@every_round_trip
def test_a_feed_reads_back_as_it_was(round_trip: Callable[[Feed], ReadFeed]) -> None:
    read = round_trip(FEED)
    assert (read.title, read.description, read.home_url) == (FEED.title, FEED.description, FEED.home_url)
    assert (read.language, read.author) == (FEED.language, FEED.author)


@every_round_trip
@pytest.mark.parametrize("article", [EDITED, RIGHT_TO_LEFT], ids=["edited", "right to left"])
def test_an_article_reads_back_as_it_was(round_trip: Callable[[Feed], ReadFeed], article: Article) -> None:
    expected = ReadArticle(
        guid=article.guid,
        url=article.url,
        title=article.title,
        summary=article.summary,
        html=article.html,
        authors=article.authors or (FEED.author,),
        topics=article.topics,
        published_at=article.published_at,
    )
    assert round_trip(feed_of(article)).articles == (expected,)


@every_round_trip
def test_articles_stand_in_the_order_given(round_trip: Callable[[Feed], ReadFeed]) -> None:
    backwards = feed_of(TITLE_ONLY, EDITED, RIGHT_TO_LEFT)
    assert [article.guid for article in round_trip(backwards).articles] == [article.guid for article in backwards.articles]


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_each_file_names_its_own_address(name: str) -> None:
    assert ROUND_TRIPS[name](FEED).address == f"https://example.com/feeds/feed.{name}"


@every_round_trip
def test_a_feed_without_articles_is_a_feed(round_trip: Callable[[Feed], ReadFeed]) -> None:
    assert round_trip(feed_of()).articles == ()


@given(title=DIFFICULT_TEXT)
def test_any_title_reads_back_from_any_format(title: str) -> None:
    feed = feed_of(replace(EDITED, title=title))
    titles = {name: round_trip(feed).articles[0].title for name, round_trip in ROUND_TRIPS.items()}
    assert titles == dict.fromkeys(ROUND_TRIPS, fit(title) or EDITED.url)


@given(article=ANY_ARTICLE)
def test_the_formats_agree_on_any_article(article: Article) -> None:
    feed = feed_of(article, RIGHT_TO_LEFT)
    rss, atom, json = (round_trip(feed).articles for round_trip in ROUND_TRIPS.values())
    assert rss == atom == json


@given(
    moment=st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Africa/Monrovia"]),
)
def test_any_date_in_any_zone_reads_back_to_the_second(moment: datetime, zone: str) -> None:
    feed = replace(feed_of(replace(EDITED, published_at=moment)), zone=ZoneInfo(zone))
    read = {name: round_trip(feed).articles[0].published_at for name, round_trip in ROUND_TRIPS.items()}
    assert read == dict.fromkeys(ROUND_TRIPS, moment.replace(microsecond=0))


@pytest.mark.parametrize("name", BUILDERS)
def test_a_file_is_the_golden_one(name: str) -> None:
    assert BUILDERS[name](FEED).decode() == (GOLDEN / name).read_text(encoding="utf-8")


@every_format
def test_the_locale_of_the_process_is_left_alone(build: Callable[[Feed], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    touched = []
    monkeypatch.setattr(locale, "setlocale", lambda *arguments: touched.append(arguments))
    build(FEED)
    assert touched == []


@every_format
def test_a_file_ends_with_one_newline(build: Callable[[Feed], bytes]) -> None:
    assert build(FEED).endswith((b">\n", b"}\n"))
