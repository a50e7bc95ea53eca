"""Where a mail's links lead: campaigns, categories, and what is a reader's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.digest.links import Tracker, category_url, preferences_url, unsubscribe_url
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Campaign
from hairfeed.settings.web import Web
from hairfeed.text.merge import Mergeable, Placeholder
from tests.deliver.sending import the_settings
from tests.digest.sample import NEWSLETTER

CAMPAIGN = Campaign(source="hairfear", medium="email", campaign="{newsletter}-{number}")
TRACKER = Tracker.of(CAMPAIGN, "weekly", 12)
ADDED = "utm_source=hairfear&utm_medium=email&utm_campaign=weekly-12"


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("https://a.example/x", f"https://a.example/x?{ADDED}"),
        ("https://a.example", f"https://a.example?{ADDED}"),
        ("https://a.example/x?a=1&b=%20#part", f"https://a.example/x?a=1&b=%20&{ADDED}#part"),
        ("http://a.example/x#part?no", f"http://a.example/x?{ADDED}#part?no"),
        (
            "https://a.example/?utm_source=own",
            "https://a.example/?utm_source=own&utm_medium=email&utm_campaign=weekly-12",
        ),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("ftp://a.example/x", "ftp://a.example/x"),
        ("https://[broken/x", "https://[broken/x"),
    ],
)
def test_a_campaign_is_added_to_web_addresses_and_changes_nothing_else(address: str, marked: str) -> None:
    assert TRACKER.mark(address) == marked


@given(st.from_regex(r"https?://[a-z]{1,5}\.example/[!-~]{0,40}", fullmatch=True))
def test_a_marked_address_is_marked_once(address: str) -> None:
    once = TRACKER.mark(address)
    assert TRACKER.mark(once) == once


def test_without_a_campaign_addresses_stay_as_they_are() -> None:
    assert Tracker.of(None, "weekly", 12).mark("https://a.example/x?#") == "https://a.example/x?#"


def test_a_campaigns_values_are_encoded() -> None:
    tracker = Tracker.of(Campaign(campaign="Hair & Scalp #{number}"), "weekly", 3)
    assert tracker.mark("https://a.example/") == "https://a.example/?utm_campaign=Hair+%26+Scalp+%233"


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings without subscribe pages."""
    return the_settings(tmp_path_factory.mktemp("links"), outbox={"directory": "outbox"})


def test_without_subscribe_pages_readers_leave_by_mail(settings: Settings) -> None:
    address = unsubscribe_url(settings, NEWSLETTER)
    assert address == "mailto:editor@hair.example.org?subject=Unsubscribe%3A%20HairFEAR%20Weekly"
    assert preferences_url(settings) is None


def test_with_subscribe_pages_each_reader_has_their_own_two_links(settings: Settings) -> None:
    with_pages = settings.model_copy(update={"web": Web(url="https://hair.example.org/mail")})
    addresses = (unsubscribe_url(with_pages, NEWSLETTER), preferences_url(with_pages) or "")
    fields = [Mergeable.of(address).fields[0].placeholder for address in addresses]
    assert fields == [Placeholder.UNSUBSCRIBE, Placeholder.PREFERENCES]


def test_a_category_is_on_the_site_or_else_has_the_page_of_its_feed(settings: Settings) -> None:
    site = settings.site.model_copy(update={"category_url": "https://hair.example.org/topics/{slug}/"})
    feeds = settings.feeds.model_copy(update={"categories": False})
    assert category_url(settings, "Größe & Co") == "https://hair.example.org/feeds/category/gr%C3%B6%C3%9Fe-co/"
    assert category_url(settings.model_copy(update={"site": site}), "Skin & Hair") == "https://hair.example.org/topics/skin-hair/"
    assert category_url(settings.model_copy(update={"feeds": feeds}), "Skin & Hair") is None
