"""The compose stage: what becomes an issue, for whom, and what does not."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from hairfeed.digest.content import Picture
from hairfeed.digest.material import Material
from hairfeed.digest.plan import make_plan
from hairfeed.digest.showing import Extras
from hairfeed.digest.stage import next_issue
from hairfeed.models.articles import LeadImage
from hairfeed.models.issues import IssueState
from hairfeed.models.reports import Problem
from hairfeed.settings.archive import Archive
from hairfeed.store import issue_material, subscribers
from hairfeed.subscribers import subscriptions
from tests.digest.newsroom import BEGIN, FRIDAY, NEXT_FRIDAY, Newsroom, PlainRenderer

SATURDAY = FRIDAY + timedelta(days=1)


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """A newsletter that has begun, without news and readers."""
    newsroom = Newsroom(tmp_path / "site")
    newsroom.compose(BEGIN)
    return newsroom


def titles(newsroom: Newsroom, topics: str = "", language: str = "") -> list[str]:
    return newsroom.variants()[topics, language].text.splitlines()


def test_only_articles_of_its_topics_are_in_a_newsletter(newsroom: Newsroom) -> None:
    newsroom.configure(topics=["Skin & Scalp"])
    newsroom.compose(BEGIN)
    newsroom.article("Brushing")
    newsroom.article("Itching", "Skin & Scalp", "Hair Care")
    newsroom.compose()
    assert titles(newsroom) == ["Itching"]


@pytest.mark.parametrize("before", [["Scalp"], ["Scalp", "Summer"]])
def test_a_topic_that_is_added_later_does_not_bring_its_archive(tmp_path: Path, before: list[str]) -> None:
    newsroom = Newsroom(tmp_path / "site", topics=before)
    newsroom.compose(BEGIN)
    newsroom.article("Itching", "Scalp")
    newsroom.article("Brushing")
    newsroom.compose()
    newsroom.configure(topics=[])
    newsroom.compose(SATURDAY)
    newsroom.article("Drying", now=SATURDAY + timedelta(days=1))
    newsroom.compose(NEXT_FRIDAY)
    assert titles(newsroom) == ["Drying"]


def test_related_articles_are_those_that_entered_the_category_last_before(newsroom: Newsroom) -> None:
    newsroom.articles(3, "Scalp", now=BEGIN - timedelta(days=30))
    newsroom.article("Brushing", "Hair Care")
    newsroom.article("Itching", "Scalp", "Hair Care")
    renderer = PlainRenderer()
    newsroom.compose(renderer=renderer)
    itching, brushing = renderer.contents[0].featured
    assert [one.title for one in itching.related] == ["About 2", "About 1"]
    assert itching.read_all is not None
    assert (itching.read_all.title, itching.read_all.url) == ("Scalp", "https://hair.example.org/feeds/category/scalp/")
    assert brushing.related == ()


class TestCorrections:
    @pytest.fixture
    def mailed(self, newsroom: Newsroom) -> int:
        """An article that was in the first issue."""
        article = newsroom.article("Brushing")
        newsroom.compose()
        return article

    def corrections(self, newsroom: Newsroom, friday: int = 2) -> list[tuple[str, str]]:
        """What the next issue corrects."""
        renderer = PlainRenderer()
        now = BEGIN + friday * timedelta(days=7)
        newsroom.article(f"News of week {friday}", now=now - timedelta(days=1))
        newsroom.compose(now, renderer)
        return [(one.title, one.corrected_on.isoformat()) for one in renderer.contents[0].corrections]

    def test_a_mailed_article_that_has_changed_is_named_once(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, updated_at=SATURDAY, title="Brushing Less")
        assert self.corrections(newsroom) == [("Brushing Less", "2024-08-17")]
        assert self.corrections(newsroom, 3) == []

    def test_one_that_changes_again_is_named_again(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, updated_at=SATURDAY)
        self.corrections(newsroom)
        newsroom.change(mailed, updated_at=NEXT_FRIDAY + timedelta(hours=1))
        assert len(self.corrections(newsroom, 3)) == 1

    def test_what_changed_before_it_was_mailed_is_no_correction(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, updated_at=FRIDAY)
        assert self.corrections(newsroom) == []

    def test_a_change_of_form_is_no_correction(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, html="<p>The same words.</p>")
        assert self.corrections(newsroom) == []

    def test_corrections_can_be_switched_off(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, updated_at=SATURDAY)
        newsroom.configure(corrections=False)
        assert self.corrections(newsroom) == []

    def test_corrections_alone_make_no_issue_and_wait_for_one(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, updated_at=SATURDAY)
        assert newsroom.compose(NEXT_FRIDAY).nothing_new == ("weekly",)
        assert len(self.corrections(newsroom, 3)) == 1

    def test_an_article_that_is_gone_is_not_corrected(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.change(mailed, updated_at=SATURDAY, state="gone")
        assert self.corrections(newsroom) == []

    def test_a_correction_goes_to_readers_of_its_topic(self, newsroom: Newsroom, mailed: int) -> None:
        newsroom.readers(("scalp", ""))
        newsroom.change(mailed, updated_at=SATURDAY)
        newsroom.article("Itching", "Scalp", now=SATURDAY)
        renderer = PlainRenderer()
        newsroom.compose(NEXT_FRIDAY, renderer)
        assert [len(content.corrections) for content in renderer.contents] == [1, 0]


class TestVariants:
    def test_forty_choices_render_forty_times_and_are_counted_by_one_statement(self, newsroom: Newsroom) -> None:
        topics = [f"topic-{number}" for number in range(20)]
        newsroom.configure(languages=["de"], max_articles=30)
        choices = [(topic, language) for topic in ["", *topics[1:]] for language in ("", "de")]
        for topic in topics[1:]:
            newsroom.article(f"About {topic}", topic)
        newsroom.readers(*choices * 3)
        statements: list[str] = []

        def note(*call: object) -> None:
            statements.append(str(call[2]))

        renderer = PlainRenderer()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            (issue,) = newsroom.compose(renderer=renderer).composed
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert (len(renderer.contents), issue.variants, len(newsroom.variants())) == (40, 40, 40)
        (statement,) = (one for one in statements if "FROM subscriptions" in one)
        assert "GROUP BY subscriptions.topics, subscriptions.language" in statement
        ledger = newsroom.ledger()
        with ledger.read() as connection:
            counted = issue_material.readers_choices(connection, "weekly")
        ledger.close()
        assert sorted((one.topics, one.language, one.readers) for one in counted) == sorted((*choice, 3) for choice in choices)

    def test_choices_that_come_to_the_same_articles_are_rendered_once(self, newsroom: Newsroom) -> None:
        newsroom.articles(2, "Scalp", "Summer")
        newsroom.readers(("scalp", ""), ("summer", ""), ("scalp,summer", ""), ("", ""), ("", "en"))
        renderer = PlainRenderer()
        newsroom.compose(renderer=renderer)
        assert len(renderer.contents) == 1
        assert len(newsroom.variants()) == 5

    def test_a_choice_without_articles_is_there_and_nobody_is_owed_it(self, newsroom: Newsroom) -> None:
        newsroom.article("Brushing")
        newsroom.readers(("scalp", ""))
        newsroom.compose()
        empty = newsroom.variants()["scalp", ""]
        assert (empty.articles, empty.html) == (0, "")
        assert newsroom.variants()["", ""].articles == 1

    def test_readers_of_a_topic_get_the_newest_of_it_however_much_else_there_is(self, newsroom: Newsroom) -> None:
        newsroom.configure(max_articles=2, max_also=1)
        newsroom.articles(4, "Scalp")
        newsroom.articles(3, "Summer")
        newsroom.readers(("scalp", ""))
        renderer = PlainRenderer()
        newsroom.compose(renderer=renderer)
        assert titles(newsroom, "scalp") == ["About 3", "About 2", "About 1"]
        assert titles(newsroom) == ["About 2", "About 1", "About 0"]
        assert [content.trimmed for content in renderer.contents] == [4, 1]
        assert newsroom.issues() == [(1, "approved", 7)]

    def test_nobody_who_is_not_owed_the_issue_makes_a_variant(self, newsroom: Newsroom) -> None:
        newsroom.article("Brushing")
        ledger = newsroom.ledger()
        with ledger.write() as connection:
            for reader in ("pending@example.net", "left@example.net", "suppressed@example.net"):
                subscriptions.add(connection, reader, "weekly", BEGIN, confirmed=not reader.startswith("pending"))
                subscribers.choose(connection, subscribers.subscriber_id(connection, reader, BEGIN), "weekly", "hair-care", "")
            subscriptions.unsubscribe(connection, "left@example.net", "weekly", BEGIN)
            subscribers.suppress(connection, "suppressed@example.net", "complaint", BEGIN)
        ledger.close()
        newsroom.compose()
        assert list(newsroom.variants()) == [("", "")]


def test_an_issue_that_is_due_is_free_to_be_sent(newsroom: Newsroom) -> None:
    newsroom.article("Brushing")
    (issue,) = newsroom.compose().composed
    assert (issue.state, newsroom.issues()) == (IssueState.APPROVED, [(1, "approved", 1)])
    assert newsroom.compose().composed == ()


def test_a_topic_that_no_article_ever_had_is_a_warning(tmp_path: Path) -> None:
    newsroom = Newsroom(tmp_path / "site", topics=["Scalp", "Beards"])
    newsroom.compose(BEGIN)
    newsroom.article("Itching", "scalp")
    (warning,) = newsroom.compose().warnings
    assert str(warning) == "newsletter weekly: no article ever had the topic 'Beards'; look at its spelling in the config"


class TestExtras:
    @pytest.fixture
    def material(self, newsroom: Newsroom) -> Material:
        """An issue of two articles with pictures, of which one is in place."""
        newsroom.article("Brushing", image=LeadImage("https://hair.example.org/a.jpg", "A brush"))
        newsroom.article("Drying", image=LeadImage("https://hair.example.org/b.jpg", "A towel"))
        material, _ = newsroom.next_issue()
        return material

    def test_an_issue_without_a_picture_is_right_and_says_so(self, newsroom: Newsroom, material: Material) -> None:
        picture = Picture("https://hair.example.org/feeds/a.jpg", 600, 400, "A brush")
        logo = Problem("look.logo", "cannot be read; the mail goes without it")
        extras = Extras({1: picture}, archive_url="https://hair.example.org/feeds/issues/1/", missing=[logo])
        renderer = PlainRenderer()
        plan = make_plan(replace(material, extras=extras), newsroom.settings, renderer)
        assert plan is not None
        drying, brushing = renderer.contents[0].featured
        assert (brushing.picture, drying.picture) == (picture, None)
        assert renderer.contents[0].archive_url == "https://hair.example.org/feeds/issues/1/"
        assert [str(one) for one in plan.warnings] == [
            "look.logo: cannot be read; the mail goes without it",
            "article 2: its picture is not in place; the mail goes without it",
        ]

    @pytest.mark.usefixtures("material")
    def test_where_mails_show_no_pictures_none_is_missing(self, newsroom: Newsroom) -> None:
        without = newsroom.settings.model_copy(update={"archive": Archive(pictures=False)})
        with closing(newsroom.ledger()) as ledger:
            _, plan = next_issue(ledger, without, "weekly", FRIDAY)
        assert plan is not None
        assert list(plan.warnings) == []


def test_a_campaign_marks_the_mails_links_and_not_those_of_the_public_page(newsroom: Newsroom) -> None:
    newsroom.configure(utm={"source": "hairfear", "campaign": "{newsletter}-{number}"})
    newsroom.article("Brushing")
    renderer = PlainRenderer()
    material, _ = newsroom.next_issue()
    plan = make_plan(material, newsroom.settings, renderer)
    assert plan is not None
    assert renderer.contents[0].featured[0].url == "https://hair.example.org/1?utm_source=hairfear&utm_campaign=weekly-1"
    assert plan.content.featured[0].url == "https://hair.example.org/1"
