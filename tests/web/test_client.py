"""Who asks, behind proxies; and what proves when a form was made."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.web.client import client_address, network_of
from hairfeed.web.negotiation import best_language
from hairfeed.web.stamps import FASTEST, OLDEST, is_in_time, stamp

TRUSTED = [ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("10.0.0.0/8")]
NOW = datetime(2024, 8, 9, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.7, 10.0.0.3"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("::1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        (None, ["198.51.100.7"], "None"),
        ("a socket", ["198.51.100.7"], "None"),
    ],
)
def test_a_client_is_the_last_address_that_no_trusted_proxy_has(peer: str | None, forwarded: list[str], client: str) -> None:
    assert str(client_address(peer, forwarded, TRUSTED)) == client


@pytest.mark.parametrize(
    ("address", "network"),
    [("198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), (None, "unknown")],
)
def test_a_network_is_what_a_customer_usually_gets(address: str | None, network: str) -> None:
    assert network_of(client_address(address, [], [])) == network


@given(st.text(max_size=60))
def test_no_forwarded_field_makes_the_reading_stumble(text: str) -> None:
    client_address("127.0.0.1", [text], TRUSTED)


@pytest.mark.parametrize(
    ("after", "good"),
    [
        (timedelta(0), False),
        (FASTEST - timedelta(seconds=1), False),
        (FASTEST, True),
        (OLDEST, True),
        (OLDEST + timedelta(seconds=1), False),
        (timedelta(seconds=-5), False),
    ],
)
def test_a_stamp_is_good_between_two_seconds_and_a_day(after: timedelta, good: bool) -> None:
    assert is_in_time(b"secret", stamp(b"secret", NOW), NOW + after) is good


@given(st.text(max_size=80))
def test_no_other_text_is_a_stamp(text: str) -> None:
    assert not is_in_time(b"secret", text, NOW)
    assert not is_in_time(b"secret", stamp(b"other", NOW), NOW + FASTEST)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("nl, fr;q=0.5", "fr"),
        ("en;q=0.2, ar;q=0.9", "ar"),
        ("de;q=0, nl", None),
        ("*", None),
        ("", None),
        ("x" * 50 + ";;;q=", None),
    ],
)
def test_the_language_liked_best_that_is_there_is_taken(accepted: str, language: str | None) -> None:
    assert best_language(accepted, ("ar", "de", "en", "fr")) == language
