"""As what a row of a list comes in: consent first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.errors import SubscriberError
from hairfeed.models.imports import Row, StagedRow
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.subscribers.addresses import address, address_in_a_list
from hairfeed.subscribers.transfer.judge import NO_WORDS, Refused, Rules, judge
from tests.subscribers.transfer.lists import CONFIRMED, NOW, PENDING, UNSUBSCRIBED

RULES = Rules(
    file="readers.csv",
    languages={"weekly": ("en", "de"), "monthly": ("en",)},
    newsletter="weekly",
    lists={},
    consent=None,
    keeps_addresses=False,
    timezone=ZoneInfo("Europe/Berlin"),
    now=NOW,
)
VOUCHED = replace(RULES, consent="They signed up on paper at our shop.")
READER = Row("ann@example.com")
JANUARY = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
PROVEN = replace(READER, confirmed_at="2024-01-02T03:04:05Z")


def judged(row: Row, rules: Rules = RULES) -> StagedRow:
    found = judge(row, rules)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "confirmed_at", "consent", "expected"),
    [
        ("", "", None, PENDING),
        ("subscribed", "", None, PENDING),
        ("Confirmed", "", None, PENDING),
        ("", "", "by contract", CONFIRMED),
        ("active", "", "by contract", CONFIRMED),
        ("", "2024-01-02", None, CONFIRMED),
        ("confirmed", "2024-01-02", "by contract", CONFIRMED),
        ("pending", "", "by contract", PENDING),
        ("unconfirmed", "2024-01-02", "by contract", PENDING),
        ("unsubscribed", "2024-01-02", "by contract", UNSUBSCRIBED),
        ("Opted out", "", "by contract", UNSUBSCRIBED),
    ],
)
def test_nobody_is_confirmed_without_a_proof_or_the_operators_word(
    state: str, confirmed_at: str, consent: str | None, expected: SubscriptionState
) -> None:
    row = replace(READER, state=state, confirmed_at=confirmed_at)
    assert judged(row, replace(RULES, consent=consent)).state is expected


def test_a_proof_is_kept_as_the_list_has_it() -> None:
    row = replace(PROVEN, asked_at="2024-01-02T03:00:00Z", source="the form", form="v2", wording="I want it.")
    found = judged(row, VOUCHED)
    assert (found.asked_at, found.given_at) == (datetime(2024, 1, 2, 3, 0, tzinfo=UTC), JANUARY)
    assert (found.source, found.form, found.wording) == ("the form", "v2", "I want it.")


def test_a_proof_without_words_says_that_it_has_none() -> None:
    found = judged(PROVEN)
    assert (found.source, found.wording) == ("import of readers.csv", NO_WORDS)


def test_the_operators_word_is_kept_as_the_proof_and_is_no_older_than_it_is() -> None:
    found = judged(replace(READER, known_since="2020-01-01"), VOUCHED)
    assert found.wording == "They signed up on paper at our shop."
    assert found.source == "import of readers.csv, vouched for by the operator"
    assert found.given_at == NOW


def test_who_waits_without_a_request_brings_no_proof() -> None:
    assert judged(READER).asked_at is None


@pytest.mark.parametrize(("keeps", "expected"), [(True, "2001:db8::1"), (False, None)])
def test_a_network_address_is_kept_only_where_the_config_says_so(keeps: bool, expected: str | None) -> None:
    row = replace(PROVEN, network_address="2001:DB8:0::1")
    assert judged(row, replace(RULES, keeps_addresses=keeps)).network_address == expected


@pytest.mark.parametrize(
    ("state", "reason"),
    [("bounced", "bounced"), ("Cleaned", "bounced"), ("complained", "complaint"), ("blocklisted", "blocklisted")],
)
def test_who_bounced_or_complained_there_is_never_mailed_here(state: str, reason: str) -> None:
    found = judged(replace(PROVEN, state=state), VOUCHED)
    assert (found.suppressed, found.newsletter, found.created_at) == (f"{reason}, says readers.csv", "", None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-01-02T03:04:05Z", JANUARY),
        ("2024-01-02 04:04:05", JANUARY),
        ("2024-01-02T04:04:05+01:00", JANUARY),
        ("2024-01-02 03:04:05 +0000 UTC", JANUARY),
        ("2024-01-02 03:04:05.123456789 +0000 UTC", JANUARY.replace(microsecond=123456)),
        ("2024-01-02", datetime(2024, 1, 1, 23, 0, tzinfo=UTC)),
    ],
)
def test_an_instant_without_a_zone_is_in_the_sites(written: str, meant: datetime) -> None:
    assert judged(replace(READER, confirmed_at=written)).given_at == meant


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (Row("nobody"), "email", "no e-mail address"),
        (Row(""), "email", "no e-mail address"),
        (Row("ann@example.com, ben@example.com"), "email", "no e-mail address"),
        (Row("ünn@example.com"), "email", "no e-mail address"),
        (replace(READER, state="vip"), "state", "no state of a subscription"),
        (replace(READER, state="never subscribed"), "state", "never subscribed to a newsletter"),
        (replace(READER, newsletter="yearly"), "newsletter", "no newsletter of the config; say which with --lists"),
        (replace(READER, name="x" * 101), "name", "longer than 100 characters"),
        (replace(READER, confirmed_at="02/01/2024"), "confirmed_at", "no instant; write it like 2024-08-16T09:00:00Z"),
        (replace(READER, confirmed_at="2024-13-01"), "confirmed_at", "no instant; write it like 2024-08-16T09:00:00Z"),
        (replace(READER, confirmed_at="0001-01-01"), "confirmed_at", "no instant; write it like 2024-08-16T09:00:00Z"),
        (replace(READER, confirmed_at="2024-08-10"), "confirmed_at", "lies in the future"),
        (replace(READER, form="x" * 17), "form", "longer than 16 characters"),
        (replace(READER, wording="x" * 10_001), "wording", "longer than 10000 characters"),
        (replace(READER, topics="x," * 1001), "topics", "longer than 2000 characters"),
        (replace(READER, name="A\0nn"), "", "holds characters that are no text"),
        (replace(READER, state="\0"), "", "holds characters that are no text"),
        (replace(READER, name="\ud83d"), "", "holds characters that are no text"),
        (Row("erased:1234:5678", suppressed="x"), "erased_key", "is not the key of this erased address"),
    ],
)
def test_a_row_that_cannot_be_taken_in_says_in_which_column_and_why(row: Row, column: str, reason: str) -> None:
    with pytest.raises(Refused) as raised:
        judge(row, RULES)
    assert (raised.value.column, raised.value.reason) == (column, reason)


def test_a_network_address_that_is_none_is_refused_where_it_would_be_kept() -> None:
    row = replace(PROVEN, network_address="somewhere")
    with pytest.raises(Refused, match="no network address"):
        judge(row, replace(RULES, keeps_addresses=True))


def test_a_row_without_a_newsletter_needs_one_that_is_said() -> None:
    with pytest.raises(Refused, match="say which with --newsletter"):
        judge(READER, replace(RULES, newsletter=None))


@pytest.mark.parametrize(("called", "expected"), [("News", "monthly"), ("weekly", "weekly"), ("", "weekly")])
def test_a_list_is_a_newsletter_by_its_name_or_as_said(called: str, expected: str) -> None:
    assert judged(replace(READER, newsletter=called), replace(RULES, lists={"News": "monthly", "Old": ""})).newsletter == expected


def test_a_list_that_is_left_out_brings_nobody() -> None:
    assert judge(replace(READER, newsletter="Old"), replace(RULES, lists={"Old": ""})) is None


@pytest.mark.parametrize(("language", "expected"), [("de", "de"), ("en", ""), ("fr", "")])
def test_a_language_that_is_not_offered_is_no_choice(language: str, expected: str) -> None:
    assert judged(replace(READER, language=language)).language == expected


@pytest.mark.parametrize(("zone", "expected"), [("Europe/Berlin", "Europe/Berlin"), ("Mars/Olympus", ""), ("../etc/passwd", "")])
def test_a_time_zone_that_nobody_knows_is_no_choice(zone: str, expected: str) -> None:
    assert judged(replace(READER, time_zone=zone)).time_zone == expected


def test_topics_are_kept_as_subscriptions_have_them() -> None:
    assert judged(replace(READER, topics="Scalp Care, Hair Care,scalp-care")).topics == "hair-care,scalp-care"


LOCALS = st.text(alphabet="abCD09._+-", min_size=1, max_size=12) | st.text(max_size=6)
DOMAINS = st.sampled_from(
    [
        "example.com",
        "EXAMPLE.com",
        "bücher.example.org",
        "xn--bcher-kva.example.org",
        "localhost",
        "a..b",
        "-a.com",
        "a.com.",
        "[1.2.3.4]",
    ]
) | st.text(alphabet="ab.-", max_size=80)


def taken(read: Callable[[str], str], text: str) -> str | None:
    try:
        return read(text)
    except SubscriberError:
        return None


@given(LOCALS, DOMAINS)
def test_the_fast_way_to_read_an_address_tells_what_the_careful_one_does(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    assert taken(address_in_a_list, text) == taken(address, text)
