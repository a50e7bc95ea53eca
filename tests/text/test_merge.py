"""Tokens of what differs by recipient: they come through everything whole, and nobody can forge one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairfeed.text.merge import MARK, Field, Mergeable, Placeholder, address_token, name_token, without_tokens
from hairfeed.text.words import wrap

VALUES = {
    Placeholder.NAME: "Ann <b>",
    Placeholder.UNSUBSCRIBE: "https://hair.example.org/u/1?a=1&b=2",
    Placeholder.PREFERENCES: "https://hair.example.org/p/1",
}
NOBODY = VALUES | {Placeholder.NAME: ""}


def test_a_text_is_filled_with_what_is_the_recipients() -> None:
    text = f"Hello {name_token('reader')}, leave: {address_token(Placeholder.UNSUBSCRIBE)}"
    assert Mergeable.of(text).fill(VALUES) == "Hello Ann <b>, leave: https://hair.example.org/u/1?a=1&b=2"


def test_in_html_values_are_escaped() -> None:
    page = f'<a href="{address_token(Placeholder.UNSUBSCRIBE)}">{name_token("")}</a>'
    assert Mergeable.of(page).fill_html(VALUES) == '<a href="https://hair.example.org/u/1?a=1&amp;b=2">Ann &lt;b&gt;</a>'


@given(st.text())
def test_who_gave_no_name_is_called_something_else_in_any_script(otherwise: str) -> None:
    assert Mergeable.of(name_token(otherwise)).fill(NOBODY) == otherwise


def test_a_text_without_tokens_is_itself() -> None:
    assert Mergeable.of("plain") == Mergeable(("plain",), ())


def test_places_are_told_in_their_order() -> None:
    text = address_token(Placeholder.PREFERENCES) + name_token("you")
    assert Mergeable.of(text).fields == (Field(Placeholder.PREFERENCES), Field(Placeholder.NAME, "you"))


@pytest.mark.parametrize("broken", [name_token("you")[:-1], f"{MARK}surname09z", f"{MARK}name0abc9z", MARK])
def test_a_broken_token_is_an_error(broken: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - three kinds of damage, three words for it
        Mergeable.of(f"Hello {broken}, you")


@given(st.lists(st.sampled_from(["x", MARK, MARK[:4], MARK[4:], name_token("a"), address_token(Placeholder.NAME)])).map("".join))
def test_a_text_from_outside_cannot_hold_one(text: str) -> None:
    assert Mergeable.of(without_tokens(text)).fields == ()


@given(st.text(min_size=1, max_size=90))
def test_wrapping_leaves_it_whole(otherwise: str) -> None:
    text = f"Good morning to you, {name_token(otherwise)}, and to all who read this newsletter with {name_token('care')} and joy"
    assert Mergeable.of(wrap(text)).fields == Mergeable.of(text).fields
