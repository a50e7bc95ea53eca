"""Signed links: whom they stand for, for what, and until when."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.errors import ExpiredTokenError, ForgedTokenError
from hairfeed.text.reader_links import ReaderLinks
from hairfeed.text.tokens import TOKEN_LENGTH, Bearer, Purpose, read, sign, sign_all

SECRET = b"s" * 32
NOW = datetime(2024, 8, 9, 8, 30, tzinfo=UTC)
NEWSLETTERS = ("daily", "weekly")

numbers = st.integers(min_value=0, max_value=2**40 - 1)


@given(
    numbers,
    st.sampled_from(Purpose),
    st.sampled_from(NEWSLETTERS),
    st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=9)),
)
def test_a_token_says_whom_it_stands_for(number: int, purpose: Purpose, newsletter: str, left: timedelta | None) -> None:
    bearer = Bearer(number, newsletter)
    token = sign(SECRET, purpose, bearer, NOW + left if left else None)
    assert len(token) == TOKEN_LENGTH
    assert read(SECRET, purpose, token, NEWSLETTERS, NOW) == bearer


def test_its_form_is_that_of_links_already_sent() -> None:
    assert sign(SECRET, Purpose.UNSUBSCRIBE, Bearer(7, "weekly")) == "AAAAAAAAAAfb0-imwHUcxNO78cSfNCmW"


@given(st.lists(numbers, min_size=1), st.sampled_from(Purpose))
def test_many_are_signed_as_each_is_alone(some: list[int], purpose: Purpose) -> None:
    alone = [sign(SECRET, purpose, Bearer(number, "weekly"), NOW) for number in some]
    assert sign_all(SECRET, purpose, "weekly", some, NOW) == alone


@pytest.mark.parametrize("number", [-1, 2**40])
def test_a_number_that_has_no_place_in_it_is_not_cut(number: int) -> None:
    with pytest.raises(OverflowError):
        sign_all(SECRET, Purpose.UNSUBSCRIBE, "weekly", [7, number])


def test_the_newsletter_is_not_to_be_read_in_it() -> None:
    said = [sign(SECRET, Purpose.UNSUBSCRIBE, Bearer(1, newsletter))[:10] for newsletter in ("a", "alopecia-weekly")]
    assert said[0] == said[1]


def test_nobody_learns_one_signature_from_another() -> None:
    signatures = {sign(SECRET, purpose, Bearer(1, newsletter))[11:] for purpose in Purpose for newsletter in NEWSLETTERS}
    assert len(signatures) == len(Purpose) * len(NEWSLETTERS)


@pytest.mark.parametrize("other", [Purpose.CONFIRM, Purpose.PREFERENCES])
def test_a_token_for_one_purpose_is_worth_nothing_for_another(other: Purpose) -> None:
    with pytest.raises(ForgedTokenError):
        read(SECRET, other, sign(SECRET, Purpose.UNSUBSCRIBE, Bearer(7, "weekly")), NEWSLETTERS, NOW)


def test_another_installations_token_is_forged() -> None:
    with pytest.raises(ForgedTokenError):
        read(b"t" * 32, Purpose.CONFIRM, sign(SECRET, Purpose.CONFIRM, Bearer(7, "weekly")), NEWSLETTERS, NOW)


def test_a_newsletter_that_is_not_asked_for_is_forged() -> None:
    with pytest.raises(ForgedTokenError):
        read(SECRET, Purpose.CONFIRM, sign(SECRET, Purpose.CONFIRM, Bearer(7, "monthly")), NEWSLETTERS, NOW)


@given(st.integers(0, 31), st.characters())
def test_a_changed_character_is_a_forgery_or_changes_nothing(place: int, character: str) -> None:
    token = sign(SECRET, Purpose.CONFIRM, Bearer(2**39, "weekly"), NOW + timedelta(hours=2))
    changed = token[:place] + character + token[place + 1 :]
    try:
        assert read(SECRET, Purpose.CONFIRM, changed, NEWSLETTERS, NOW) == Bearer(2**39, "weekly")
    except ForgedTokenError:
        assert changed != token


@given(st.text())
def test_rubbish_is_a_forgery(text: str) -> None:
    with pytest.raises(ForgedTokenError):
        read(SECRET, Purpose.CONFIRM, text, NEWSLETTERS, NOW)


@pytest.mark.parametrize(
    ("after", "expired"), [(timedelta(), False), (timedelta(minutes=29, seconds=59), False), (timedelta(minutes=30), True)]
)
def test_it_is_good_until_the_full_hour_after_its_time(after: timedelta, expired: bool) -> None:
    token = sign(SECRET, Purpose.CONFIRM, Bearer(7, "weekly"), NOW)
    if expired:
        with pytest.raises(ExpiredTokenError):
            read(SECRET, Purpose.CONFIRM, token, NEWSLETTERS, NOW + after)
    else:
        assert read(SECRET, Purpose.CONFIRM, token, NEWSLETTERS, NOW + after) == Bearer(7, "weekly")


def test_links_lead_to_pages_by_purpose() -> None:
    links = ReaderLinks("https://news.example.org/me", SECRET)
    made = [links.confirm(7, "weekly", NOW), links.unsubscribe(7, "weekly"), links.preferences(7, "weekly")]
    paths = [urlsplit(link).path.rpartition("/") for link in made]
    assert [path for path, _, _ in paths] == ["/me/c", "/me/u", "/me/p"]
    assert read(SECRET, Purpose.UNSUBSCRIBE, paths[1][2], NEWSLETTERS, NOW) == Bearer(7, "weekly")


def test_the_secret_is_not_shown() -> None:
    assert "ssss" not in repr(ReaderLinks("https://news.example.org", SECRET))
