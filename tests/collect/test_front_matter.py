"""Front matter in all its forms: what is found, and what is refused."""

import pytest

from hairfeed.collect.folder.front_matter import split
from hairfeed.errors import PageError


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: A\ndate: 2024-08-08\n---\nBody.\n",
        '+++\ntitle = "A"\ndate = 2024-08-08\n+++\nBody.\n',
        '---json\n{"title": "A", "date": "2024-08-08"}\n---\nBody.\n',
        '{\n "title": "A",\n "date": "2024-08-08"\n}\n\nBody.\n',
        "Title: A\nDate: 2024-08-08\n\nBody.\n",
        "title: A\ndate:\n    2024-08-08\n\nBody.\n",
    ],
    ids=["YAML", "TOML", "fenced JSON", "JSON", "headers", "a header that goes on"],
)
def test_every_form_tells_the_same(text: str) -> None:
    front, body = split(text)
    assert (front.text("title"), front.text("date"), body) == ("A", "2024-08-08", "Body.\n")


@pytest.mark.parametrize(
    "text",
    [
        "Note: this is a text.\n\nIt goes on.\n",
        "Title: A\nand a line of text\n\nBody.\n",
        "{{< youtube abc >}}\n\nBody.\n",
        "{: .lead}\nBody.\n",
        "Body.\n\nTitle: A\n",
    ],
)
def test_a_text_that_begins_like_front_matter_is_none(text: str) -> None:
    front, body = split(text)
    assert (front.text("title"), body) == (None, text)


def test_keys_are_found_whatever_their_case() -> None:
    front, _ = split("---\nTitle: A\nPUBDATE: 2024-08-08\n---\n")
    assert (front.text("title"), front.text("pubDate")) == ("A", "2024-08-08")


def test_pelican_needs_no_quotes_between_dashes() -> None:
    text = "---\nTitle: Wash: gently\nDate: 2024-08-08\n---\nBody.\n"
    assert split(text, loose=True)[0].text("title") == "Wash: gently"
    with pytest.raises(PageError, match="line 2"):
        split(text)


def test_loose_front_matter_that_is_plainly_yaml_stays_yaml() -> None:
    front, _ = split("---\ntitle: A\ntags:\n  - one\n  - two\n---\nBody.\n", loose=True)
    assert front.texts("tags") == ("one", "two")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('---json\n{"title": \n---\nBody.\n', "cannot be read"),
        ('{"title": "A"\n\nBody.\n', "cannot be read"),
        ("---json\n[1]\n---\nBody.\n", "no list of 'key: value' lines"),
        ('{"a": ' + "[" * 100_000 + "\n", "too deep|cannot be read"),
    ],
)
def test_broken_json_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PageError, match=reason):
        split(text)


def test_json_numbers_stay_the_texts_that_were_written() -> None:
    front, _ = split('{"title": 1.10, "slug": 007e}'.replace("007e", "700") + "\n\nBody.\n")
    assert (front.text("title"), front.text("slug")) == ("1.10", "700")


@pytest.mark.parametrize(
    ("yaml", "address"),
    [
        ("image: /a.jpg", "/a.jpg"),
        ("image: {url: /a.jpg, alt: A picture}", "/a.jpg"),
        ("image:\n  - /a.jpg\n  - /b.jpg", "/a.jpg"),
        ("image: [{src: /a.jpg}]", "/a.jpg"),
        ("image: {alt: A picture}", None),
        ("image:", None),
    ],
)
def test_a_value_may_be_a_text_or_stand_in_a_table(yaml: str, address: str | None) -> None:
    front, _ = split(f"---\n{yaml}\n---\n")
    assert front.inner("image", "url", "src") == address
