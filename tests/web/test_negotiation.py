"""Which coding, and whether there is anything new."""

from datetime import UTC, datetime
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.web.negotiation import best_coding, is_not_after, names_tag
from tests.web.asking import CODINGS

MODIFIED = int(datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, "identity"),
        (b"", "identity"),
        (b"gzip", "gzip"),
        (b"gzip, deflate, br, zstd", "br"),
        (b"gzip, deflate", "gzip"),
        (b"GZIP", "gzip"),
        (b"x-gzip", "gzip"),
        (b"deflate", "identity"),
        (b"br;q=0.5, gzip;q=0.8", "gzip"),
        (b"br;q=0.5,gzip;q=0.5", "br"),
        (b"br ; q=0.001", "br"),
        (b"br; Q=1.000", "br"),
        (b"gzip;q=0", "identity"),
        (b"gzip;q=0.0, br;q=0.000", "identity"),
        (b"*", "br"),
        (b"*;q=0.1, gzip", "gzip"),
        (b"br;q=0, *", "gzip"),
        (b"identity", "identity"),
        (b"identity;q=0.5, gzip;q=0.4", "identity"),
        (b"identity;q=0.5, gzip;q=0.5", "gzip"),
        (b"identity;q=0", None),
        (b"*;q=0", None),
        (b"*;q=0, identity", "identity"),
        (b"*;q=0, identity;q=0.001", "identity"),
        (b"identity;q=0, gzip;q=0.1", "gzip"),
        (b"identity;q=0, *;q=0.5", "br"),
        # What cannot be read counts for nothing, and the rest counts.
        (b"gzip;q=2", "identity"),
        (b"gzip;q=-1, br;q=0.3", "br"),
        (b"gzip;level=9, br;q=0.3", "br"),
        (b",,gzip,,", "gzip"),
        (b"\xff\xfe, gzip", "gzip"),
    ],
)
def test_the_coding_that_the_client_likes_best(accepted: bytes | None, coding: str | None) -> None:
    assert best_coding(accepted, CODINGS) == coding


def test_what_is_not_offered_is_not_chosen() -> None:
    assert best_coding(b"br, gzip", ("identity",)) == "identity"
    assert best_coding(b"br, identity;q=0", ("gzip", "identity")) is None


QUALITIES = st.none() | st.integers(0, 1000)


@given(st.dictionaries(st.sampled_from([*CODINGS, "*", "deflate"]), QUALITIES), st.permutations(CODINGS))
def test_nothing_offered_would_have_been_liked_better(asked: dict[str, int | None], offered: list[str]) -> None:
    members = [coding if quality is None else f"{coding};q={quality / 1000:.3f}" for coding, quality in asked.items()]
    chosen = best_coding(", ".join(members).encode(), tuple(offered))
    qualities = {coding: 1000 if quality is None else quality for coding, quality in asked.items()}

    def liking(coding: str) -> float:
        return qualities.get(coding, qualities.get("*", 0.1 if coding == "identity" else 0))

    likings = [liking(coding) for coding in offered]
    if chosen is None:
        assert max(likings) == 0
    else:
        assert liking(chosen) == max(likings) > 0
        assert chosen == offered[likings.index(max(likings))]


@given(st.binary(max_size=80))
def test_no_header_field_breaks_the_choice(accepted: bytes) -> None:
    assert best_coding(accepted, CODINGS) in (*CODINGS, None)


@pytest.mark.parametrize(
    ("field", "is_named"),
    [
        (b'"abc-br"', True),
        (b'W/"abc-br"', True),
        (b"*", True),
        (b'"x", "abc-br"', True),
        (b'"x",W/"abc-br" , "y"', True),
        (b'"a,b", "abc-br"', True),
        (b'"abc"', False),
        (b'"abc-gzip"', False),
        (b"abc-br", False),
        (b'w/"abc-br', False),
        (b'"ABC-BR"', False),
        (b'"x, abc-br"', False),
        (b"", False),
        (b'"*"', False),
    ],
)
def test_a_tag_is_compared_weakly_and_as_a_whole(field: bytes, is_named: bool) -> None:
    assert names_tag(field, b'"abc-br"') is is_named


TAGS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f', categories=["L", "N", "P", "S"])
).map(lambda text: f'"{text}"'.encode("latin-1"))


@given(st.lists(st.tuples(st.booleans(), TAGS), min_size=1), TAGS)
def test_a_list_names_exactly_its_members(members: list[tuple[bool, bytes]], other: bytes) -> None:
    field = b", ".join((b"W/" if weak else b"") + tag for weak, tag in members)
    assert all(names_tag(field, tag) for _, tag in members)
    assert names_tag(field, other) is (other in [tag for _, tag in members])


@pytest.mark.parametrize("form", [b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sunday, 06-Nov-94 08:49:37 GMT", b"Sun Nov  6 08:49:37 1994"])
def test_a_date_is_read_in_its_three_forms(form: bytes) -> None:
    assert is_not_after(MODIFIED, form)
    assert not is_not_after(MODIFIED + 1, form)


@pytest.mark.parametrize("field", [b"", b"0", b"yesterday", b"1994-11-06T08:49:37Z", b"\xff", b"Sun, 99 Nov 1994 08:49:37 GMT"])
def test_what_is_no_date_says_nothing(field: bytes) -> None:
    assert not is_not_after(MODIFIED, field)


@given(st.binary(max_size=60))
def test_no_header_field_breaks_the_reading_of_dates(field: bytes) -> None:
    assert is_not_after(MODIFIED, field) in (True, False)


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_dates_compare_by_the_second(known: int, modified_at: int) -> None:
    assert is_not_after(modified_at, formatdate(known, usegmt=True).encode()) is (modified_at <= known)
