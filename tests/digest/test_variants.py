"""What readers' choices come to."""

import pytest

from hairfeed.digest.variants import choice, wishes
from hairfeed.errors import SubscriberError
from hairfeed.settings.newsletters import Newsletter
from hairfeed.store.issue_material import ReadersChoice


def a_newsletter(**rules: object) -> Newsletter:
    return Newsletter.model_validate({"title": "Weekly", "schedule": "Fri 08:00", **rules})


@pytest.mark.parametrize(
    ("rules", "chosen", "topics", "language"),
    [
        ({}, ("", ""), set(), "en"),
        ({}, ("hair-care,scalp", ""), {"hair-care", "scalp"}, "en"),
        ({"topics": ["Scalp"]}, ("hair-care,scalp", ""), {"scalp"}, "en"),
        ({"subscriber_topics": ["Hair Care"]}, ("hair-care,scalp", ""), {"hair-care"}, "en"),
        ({"subscriber_topics": False}, ("scalp", ""), set(), "en"),
        ({"languages": ["de"]}, ("", "de"), set(), "de"),
        ({"languages": ["de"]}, ("", "fr"), set(), "en"),
        ({"languages": ["de"], "language": "es"}, ("", "fr"), set(), "es"),
    ],
)
def test_what_is_not_offered_counts_as_not_chosen(
    rules: dict[str, object], chosen: tuple[str, str], topics: set[str], language: str
) -> None:
    found = wishes([ReadersChoice(*chosen, 7)], a_newsletter(**rules), "en")
    wish = next(one for one in found if (one.choice.topics, one.choice.language) == chosen)
    assert (set(wish.topics), wish.language, wish.choice.readers) == (topics, language, 7)


def test_there_is_always_a_rendering_for_those_who_chose_nothing_and_it_comes_first() -> None:
    found = wishes([ReadersChoice("scalp", "", 3)], a_newsletter(), "en")
    assert [(one.choice.topics, one.choice.readers) for one in found] == [("", 0), ("scalp", 3)]


@pytest.mark.parametrize(
    ("topics", "language", "kept"),
    [
        (None, None, ("", "")),
        ("Skin & Scalp, hair-care", "de", ("hair-care,skin-scalp", "de")),
        (" , ", "", ("", "")),
        ("Hair Care,hair care", None, ("hair-care", "")),
    ],
)
def test_an_operator_writes_topics_by_name(topics: str | None, language: str | None, kept: tuple[str, str]) -> None:
    newsletter = a_newsletter(topics=["Skin & Scalp", "Hair Care"], languages=["de"])
    assert choice(newsletter, topics, language) == kept


@pytest.mark.parametrize(("topics", "language", "said"), [("Beards", None, "topic 'beards'"), (None, "fr", "language 'fr'")])
def test_what_is_not_offered_is_refused(topics: str | None, language: str | None, said: str) -> None:
    newsletter = a_newsletter(topics=["Skin & Scalp"], languages=["de"])
    with pytest.raises(SubscriberError, match=said):
        choice(newsletter, topics, language)
