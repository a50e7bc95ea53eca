"""Dates in numbers whose order the language tells, where the config allows it."""

from datetime import timedelta

import pytest

from tests.collect.passes import collect, live
from tests.conftest import FRIDAY, Publication

AMBIGUOUS = "can be 3 April or 4 March: set date_order"


def write(publication: Publication, name: str, date: str, *more: str) -> None:
    front = "\n".join([f"title: About {name}", f"date: {date}", *more])
    (publication.articles / f"{name}.md").write_text(f"---\n{front}\n---\nWords about {name}.\n", encoding="utf-8")


def read(publication: Publication, order: str, language: str) -> None:
    """Let the site be in a language, and its dates be in an order."""
    publication.configure('type = "folder"', f'type = "folder"\ndate_order = "{order}"')
    publication.configure('language = "en"', f'language = "{language}"')


def dates(publication: Publication) -> dict[str, str]:
    return {name: str(article.published_on) for name, article in live(publication).items()}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "2024-04-03"),
        ("en-GB", "2024-04-03"),
        ("en-US", "2024-03-04"),
        ("en", None),
        ("fr-CA", None),
        ("ja", None),
        ("xx", None),
    ],
)
def test_the_language_decides_where_its_readers_agree(publication: Publication, language: str, expected: str | None) -> None:
    write(publication, "unclear", "3-4-2024")
    read(publication, "language", language)
    report = collect(publication)
    assert dates(publication) == ({"unclear": expected} if expected else {})
    assert [AMBIGUOUS in problem.what for problem in report.warnings] == ([] if expected else [True])


def test_no_language_decides_unless_the_config_says_so(publication: Publication) -> None:
    write(publication, "unclear", "3-4-2024")
    read(publication, "auto", "de")
    assert [AMBIGUOUS in problem.what for problem in collect(publication).warnings] == [True]


def test_a_page_in_another_language_than_its_sites_is_read_as_its_own(publication: Publication) -> None:
    write(publication, "unclear", "3-4-2024", "lang: en-US")
    write(publication, "undecided", "3-4-2024", "lang: en")
    read(publication, "language", "de")
    assert [AMBIGUOUS in problem.what for problem in collect(publication).warnings] == [True]
    assert dates(publication) == {"unclear": "2024-03-04"}


def test_what_dates_prove_comes_before_what_is_usual(publication: Publication) -> None:
    write(publication, "unclear", "3-4-2024")
    write(publication, "proof", "7-23-2024")
    read(publication, "language", "de")
    (warning,) = collect(publication).warnings
    assert warning.what.startswith("has dates that prove another order than DMY")
    assert dates(publication) == {"unclear": "2024-03-04", "proof": "2024-07-23"}


def test_a_proof_against_the_language_is_reported_when_it_comes(publication: Publication) -> None:
    write(publication, "unclear", "3-4-2024")
    read(publication, "language", "de")
    assert collect(publication).warnings == ()
    write(publication, "proof", "7-23-2024")
    (warning,) = collect(publication, FRIDAY + timedelta(minutes=5)).warnings
    assert warning.what.endswith("check those of earlier passes, and set date_order")
    write(publication, "later", "8-7-2024")
    assert collect(publication, FRIDAY + timedelta(minutes=10)).warnings == ()
    assert dates(publication) == {"unclear": "2024-04-03", "proof": "2024-07-23", "later": "2024-08-07"}


def test_proofs_that_contradict_each_other_leave_nothing_to_the_language(publication: Publication) -> None:
    write(publication, "one", "23-7-2024")
    write(publication, "two", "7-24-2024")
    write(publication, "unclear", "3-4-2024")
    read(publication, "language", "de")
    report = collect(publication)
    assert any(AMBIGUOUS in problem.what for problem in report.warnings)
    assert dates(publication).keys() == {"one", "two"}


def test_dates_that_prove_both_orders_prove_none_which_is_said_once(publication: Publication) -> None:
    write(publication, "day", "25-7-2024")
    read(publication, "auto", "en")
    assert collect(publication).warnings == ()
    write(publication, "month", "7-26-2024")
    write(publication, "unclear", "3-4-2024")
    warnings = [problem.what for problem in collect(publication, FRIDAY + timedelta(hours=1)).warnings]
    assert [what for what in warnings if "others with the month first" in what and what.endswith("set date_order")]
    assert [what for what in warnings if AMBIGUOUS in what]
    warnings = [problem.what for problem in collect(publication, FRIDAY + timedelta(hours=2)).warnings]
    assert [AMBIGUOUS in what for what in warnings] == [True]
