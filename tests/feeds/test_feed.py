"""The rules that all formats share: slugs, dates, and what is done about gaps and faults."""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.errors import PublishError
from hairfeed.feeds.feed import as_html, body, publishable, written
from hairfeed.text.markup import proof_of
from hairfeed.text.slugs import slug
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, TITLE_ONLY, feed_of

ANY_CHARACTER = st.characters(exclude_categories=())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hair", "hair"),
        ("Skin & Hair", "skin-hair"),
        ("  -- Vitamin B12, D3! --", "vitamin-b12-d3"),
        ("a/../b", "a-b"),
        ("snake_case", "snake-case"),
        ("Straße ÉTÉ", "straße-été"),
        ("\ufb01ne \uff37ide \u2460", "fine-wide-1"),
        ("头发 护理", "头发-护理"),
        ("العناية بالشعر", "العناية-بالشعر"),
        ("हिन्दी", "हिन्दी"),
        ("Hair 💇🏽‍♀️ day 1️⃣", "hair-day-1"),
    ],
)
def test_a_slug_keeps_letters_and_digits_of_any_script(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize("text", ["", ".", "..", "/", "&", "💇", "\u0301", "\ud800"])
def test_a_text_without_letters_gets_a_hash_for_its_slug(text: str) -> None:
    assert len(slug(text)) == 8
    assert slug(text).isalnum()


def test_texts_without_letters_have_different_slugs() -> None:
    assert slug("💇") != slug("🧴")


def test_composed_and_decomposed_letters_have_one_slug() -> None:
    assert slug("e\u0301te\u0301") == slug("\u00e9t\u00e9")


def test_a_slug_of_eighty_characters_is_not_cut() -> None:
    assert slug("x" * 80) == "x" * 80


def test_long_texts_that_begin_alike_have_different_slugs() -> None:
    assert slug("x" * 100 + " one") != slug("x" * 100 + " two")


def test_a_slug_that_is_cut_between_words_has_one_hyphen_before_its_hash() -> None:
    assert "--" not in slug("x" * 70 + " " + "y" * 30)


@given(st.text(ANY_CHARACTER, max_size=120) | st.text(st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF), min_size=50))
def test_every_slug_is_a_short_name_for_a_folder(text: str) -> None:
    name = slug(text)
    assert 1 <= len(name) <= 80
    assert len(name.encode()) <= 240
    assert not set(name) & set("/\\.:\0 ")
    assert name == name.strip("-")
    assert "--" not in name


@given(st.text(ANY_CHARACTER, max_size=120))
def test_a_slug_is_the_slug_of_itself(text: str) -> None:
    assert slug(slug(text)) == slug(text)


def test_a_date_keeps_its_instant_and_takes_the_offset_of_the_zone() -> None:
    assert written(ZoneInfo("Asia/Kolkata"), datetime(2024, 8, 8, 22, 0, tzinfo=UTC)).rfc3339 == "2024-08-09T03:30:00+05:30"


def test_a_date_is_written_to_the_second() -> None:
    assert (
        written(ZoneInfo("Europe/Berlin"), datetime(2024, 8, 8, 22, 0, 1, 999_999, tzinfo=UTC)).rfc3339
        == "2024-08-09T00:00:01+02:00"
    )


def test_an_offset_with_odd_seconds_gives_way_to_utc() -> None:
    assert written(ZoneInfo("Europe/Berlin"), datetime(1880, 1, 1, 12, 0, tzinfo=UTC)).rfc3339 == "1880-01-01T12:00:00+00:00"


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Berlin", "Pacific/Kiritimati"]),
)
def test_the_date_of_rss_is_the_one_that_the_standard_library_writes(moment: datetime, zone: str) -> None:
    assert written(ZoneInfo(zone), moment).rfc822 == format_datetime(written(ZoneInfo(zone), moment).local)


def test_an_article_without_texts_gets_them_from_what_it_has() -> None:
    bare = replace(TITLE_ONLY, title=" ", summary="\n", html="\x00", authors=("", " "))
    (article,) = publishable(feed_of(bare)).articles
    assert article.title == bare.url
    assert article.summary == bare.url
    assert article.html == f"<p>{bare.url}</p>"
    assert article.authors == (FEED.author,)


def test_a_summary_that_becomes_the_body_is_escaped() -> None:
    (article,) = publishable(feed_of(replace(TITLE_ONLY, summary="<script> & co"))).articles
    assert article.html == "<p>&lt;script&gt; &amp; co</p>"


HOSTILE = "<p onclick='x()'>A</p><script>x()</script>"


@pytest.mark.parametrize("proof", ["", "0" * 32, proof_of("<p>A</p>"), proof_of(HOSTILE + " ")])
def test_html_without_its_proof_is_sanitised(proof: str) -> None:
    (article,) = publishable(feed_of(replace(EDITED, html=HOSTILE, html_proof=proof))).articles
    assert article.html == "<p>A</p>"


def test_html_with_its_proof_is_not_sanitised_once_more() -> None:
    (article,) = publishable(feed_of(replace(EDITED, html=HOSTILE, html_proof=proof_of(HOSTILE)))).articles
    assert article.html == HOSTILE


def test_empty_and_repeated_topics_are_left_out() -> None:
    (article,) = publishable(feed_of(replace(EDITED, topics=("Skin", "", " ", "Hair", "Skin")))).articles
    assert article.topics == ("Skin", "Hair")


@pytest.mark.parametrize(
    "unwanted", [0x00, 0x0B, 0x1F, 0x7F, 0x85, 0xD83D, 0xFDD0, 0xFFFD, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF], ids=hex
)
def test_a_character_that_readers_choke_on_is_deleted(unwanted: int) -> None:
    dirty = replace(EDITED, guid=f"tag:{chr(unwanted)}1", title=f"a{chr(unwanted)}b", html=f"<p>{chr(unwanted)}</p>")
    (article,) = publishable(feed_of(dirty)).articles
    assert article.guid == "tag:1"
    assert article.title == "ab"
    assert article.html == "<p></p>"


@pytest.mark.parametrize("wanted", [0x09, 0x0A, 0x0D, 0x7E, 0xA0, 0x200D, 0xD7FF, 0xE000, 0xFFFC, 0x10000, 0x10FFFD], ids=hex)
def test_a_character_that_readers_can_take_is_kept(wanted: int) -> None:
    (article,) = publishable(feed_of(replace(EDITED, title=f"a{chr(wanted)}b"))).articles
    assert article.title == f"a{chr(wanted)}b"


def test_two_articles_with_one_guid_are_refused() -> None:
    with pytest.raises(PublishError, match=f"feed {FEED.guid}: several articles have the guid {EDITED.guid}"):
        publishable(feed_of(EDITED, RIGHT_TO_LEFT, replace(TITLE_ONLY, guid=EDITED.guid)))


@pytest.mark.parametrize("name", ["title", "description", "author"])
def test_a_feed_lacking_what_the_formats_require_is_refused(name: str) -> None:
    lacking = {
        "title": replace(FEED, title=""),
        "description": replace(FEED, description=" "),
        "author": replace(FEED, author="\x00"),
    }
    with pytest.raises(PublishError, match=f"its {name} is empty"):
        publishable(lacking[name])


@pytest.mark.parametrize("language", ["ar", "fa", "he-IL", "az-Arab"])
def test_each_text_of_a_feed_that_is_written_from_right_to_left_says_so(language: str) -> None:
    feed = replace(feed_of(RIGHT_TO_LEFT), language=language)
    assert body(RIGHT_TO_LEFT, feed) == f'<div dir="rtl" lang="{language}">{RIGHT_TO_LEFT.html}</div>'


@pytest.mark.parametrize("language", ["en", "az", "ku-Latn", "ar-Latn"])
def test_other_texts_stay_as_they_are(language: str) -> None:
    assert body(RIGHT_TO_LEFT, replace(feed_of(RIGHT_TO_LEFT), language=language)) == RIGHT_TO_LEFT.html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R & B, 5 > 3", "R & B, 5 > 3"),
        ("Q&A", "Q&amp;A"),
        ("3 < 5 & 5 > 3", "3 &lt; 5 &amp; 5 &gt; 3"),
        ("&amp;", "&amp;amp;"),
    ],
)
def test_a_plain_text_is_escaped_only_where_it_could_be_misread_as_html(text: str, expected: str) -> None:
    assert as_html(text) == expected
