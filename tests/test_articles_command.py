"""The commands about articles as people type them: what they print, what comes of it, and how they end."""

import feedparser
import pytest
from typer.testing import CliRunner, Result

from hairfeed.cli import app
from hairfeed.errors import ArticleError
from hairfeed.store import articles
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.test_cli import hairfeed

LAST_FRIDAY = NEXT_FRIDAY.replace(day=23)


def articles_command(publication: Publication, *arguments: str) -> Result:
    """Run `hairfeed articles`; an error of ours comes out as it is."""
    result = CliRunner().invoke(app, ["articles", *arguments, "--config", str(publication.config)])
    if isinstance(result.exception, ArticleError):
        raise result.exception
    return result


def lines(result: Result) -> list[list[str]]:
    """The printed columns."""
    assert result.exit_code == 0, result.output
    return [line.split(maxsplit=4) for line in result.stdout.splitlines()]


def live(publication: Publication) -> list[str]:
    ledger = publication.ledger()
    with ledger.read() as connection:
        titles = sorted(article.title for article in articles.live(connection, 100))
    ledger.close()
    return titles


def subjects(publication: Publication) -> list[str]:
    return [str(mail["Subject"]) for mail in publication.mails().values()]


@pytest.fixture
def stocked(publication: Publication) -> Publication:
    """Article 1 is archive, article 2 is dated too far back, article 3 is news; nothing was mailed yet."""
    publication.subscribe("ann@example.com")
    publication.page("archived", date="31-7-2024")
    publication.run(FRIDAY)
    publication.page("backdated", date="31-1-2023")
    publication.run(FRIDAY.replace(day=13))
    publication.page("news", date="14-8-2024")
    publication.run(FRIDAY.replace(day=14))
    return publication


def test_the_list_shows_where_every_article_stands_newest_first(stocked: Publication) -> None:
    assert lines(articles_command(stocked, "list")) == [
        ["3", "2024-08-14", "live", "eligible", "About news"],
        ["1", "2024-07-31", "live", "baseline", "About archived"],
        ["2", "2023-01-31", "live", "backdated", "About backdated"],
    ]
    stocked.run(NEXT_FRIDAY)
    assert lines(articles_command(stocked, "list", "--limit", "1")) == [["3", "2024-08-14", "live", "mailed", "About news"]]


def test_the_list_can_be_of_those_that_may_still_be_mailed(stocked: Publication) -> None:
    assert [line[0] for line in lines(articles_command(stocked, "list", "--not-mailed"))] == ["2"]
    articles_command(stocked, "mail", "2")
    assert lines(articles_command(stocked, "list", "--not-mailed")) == []


def test_a_forgotten_article_is_not_among_those_that_may_still_be_mailed(stocked: Publication) -> None:
    articles_command(stocked, "forget", "2")
    assert lines(articles_command(stocked, "list", "--not-mailed")) == []


def test_the_list_can_be_of_one_source(stocked: Publication) -> None:
    (stocked.folder / "more").mkdir()
    stocked.configure("[feeds]", '[sources.more]\ntype = "folder"\npath = "../more"\n\n[feeds]')
    (stocked.folder / "more" / "other.md").write_text("---\ntitle: Other\ndate: 2024-08-01\n---\nSome words.\n")
    stocked.run(NEXT_FRIDAY)
    assert [line[4] for line in lines(articles_command(stocked, "list", "--source", "more"))] == ["Other"]
    assert len(lines(articles_command(stocked, "list", "--source", "articles"))) == 3


def test_a_source_that_nothing_is_known_of_is_a_slip(stocked: Publication) -> None:
    with pytest.raises(ArticleError, match="artikles: no such source; the config has: articles"):
        articles_command(stocked, "list", "--source", "artikles")


def test_show_tells_all_that_is_known(stocked: Publication) -> None:
    stocked.run(NEXT_FRIDAY)
    result = articles_command(stocked, "show", "3")
    facts = {line[:13].strip(): line[13:].strip() for line in result.stdout.splitlines()}
    assert facts | {"title": "About news", "state": "live", "mailing": "eligible", "mailed by": "weekly"} == facts
    assert facts["url"] == "https://hair.example.org/news"
    assert facts["guid"] == "tag:hair.example.org,2024-08-14:articles/news.txt"
    assert (facts["source"], facts["upstream id"], facts["topics"]) == ("articles", "news.txt", "Hair Care")


def test_an_article_let_into_the_mail_is_mailed_once(stocked: Publication) -> None:
    assert articles_command(stocked, "mail", "2").stdout == "1 article for the next issue\n"
    for friday in (NEXT_FRIDAY, LAST_FRIDAY):
        stocked.run(friday)
    (mail,) = stocked.mails().values()
    body = mail.get_body(("plain",))
    assert body is not None
    assert "About backdated" in body.get_content()
    # Older articles are there as related ones alone.
    assert "About archived" not in body.get_content().partition("Related")[0]


def test_a_warning_tells_how_to_mail_an_article_all_the_same(publication: Publication) -> None:
    publication.page("archived", date="31-7-2024")
    publication.run(FRIDAY)
    publication.page("backdated", date="31-1-2023")
    (warning,) = publication.run(NEXT_FRIDAY).warnings
    assert "hairfeed articles mail 2)" in warning.what


def test_a_flood_is_mailed_when_the_operator_says_so(publication: Publication) -> None:
    publication.subscribe("ann@example.com")
    publication.page("archived", date="31-7-2024")
    publication.run(FRIDAY)
    for number in range(12):
        publication.page(f"flood-{number}", date="14-8-2024")
    publication.run(NEXT_FRIDAY)
    assert subjects(publication) == []
    assert articles_command(publication, "mail", "--source", "articles").stdout == "12 articles for the next issue\n"
    assert articles_command(publication, "mail", "--source", "articles").stdout == "0 articles for the next issue\n"
    publication.run(LAST_FRIDAY)
    assert len(subjects(publication)) == 1


def test_an_article_that_is_held_back_is_in_the_feeds_and_not_mailed(stocked: Publication) -> None:
    assert articles_command(stocked, "hold", "3").stdout == "3: not for the mail\n"
    stocked.run(NEXT_FRIDAY)
    assert "About news" in live(stocked)
    assert subjects(stocked) == []


def test_a_forgotten_article_does_not_come_back_even_when_its_page_changes(stocked: Publication) -> None:
    assert articles_command(stocked, "forget", "3").stdout == "3: out of feeds and mail\n"
    stocked.run(NEXT_FRIDAY)
    stocked.page("news", title="About Other News", date="14-8-2024")
    stocked.run(LAST_FRIDAY)
    assert live(stocked) == ["About archived", "About backdated"]
    assert not any(b"news" in path.read_bytes() for path in stocked.public.rglob("*") if path.is_file())
    assert subjects(stocked) == []


def test_a_forgotten_article_does_not_come_back_under_another_name(stocked: Publication) -> None:
    articles_command(stocked, "forget", "3")
    (stocked.articles / "news.txt").rename(stocked.articles / "olds.txt")
    for friday in (NEXT_FRIDAY, LAST_FRIDAY):
        stocked.run(friday)
    assert live(stocked) == ["About archived", "About backdated"]


@pytest.mark.parametrize("command", ["show", "mail", "hold", "forget"])
def test_an_unknown_number_is_refused(stocked: Publication, command: str) -> None:
    with pytest.raises(ArticleError) as error:
        articles_command(stocked, command, "77")
    assert str(error.value) == "article 77: there is none; 'hairfeed articles list' shows their numbers"


def test_an_unknown_number_ends_with_1_and_one_line(stocked: Publication) -> None:
    done = hairfeed("articles", "show", "77", "-c", stocked.config)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hairfeed: article 77: there is none; 'hairfeed articles list' shows their numbers\n"


def test_an_unknown_source_is_refused(stocked: Publication) -> None:
    with pytest.raises(ArticleError, match="source lost: is not known"):
        articles_command(stocked, "mail", "--source", "lost")


@pytest.mark.parametrize(("number", "standing"), [("1", "baseline: it was there when"), ("3", "eligible: it is in the mail")])
def test_only_what_was_kept_out_can_be_let_into_the_mail(stocked: Publication, number: str, standing: str) -> None:
    with pytest.raises(ArticleError, match=f"article {number}: is {standing} .*; only backdated, guessed, flood, withheld"):
        articles_command(stocked, "mail", number)


def test_a_forgotten_article_cannot_be_let_into_the_mail(stocked: Publication) -> None:
    articles_command(stocked, "forget", "3")
    with pytest.raises(ArticleError, match="article 3: is forgotten"):
        articles_command(stocked, "mail", "3")


@pytest.mark.parametrize("arguments", [[], ["2", "--source", "articles"]])
def test_mail_wants_a_number_or_a_source(stocked: Publication, arguments: list[str]) -> None:
    result = articles_command(stocked, "mail", *arguments)
    assert result.exit_code == 2
    assert "give an article's number, or --source NAME" in result.output


def test_what_is_new_is_published_however_often_the_operator_decided_before(stocked: Publication) -> None:
    for number in ("1", "2", "3", "1", "2", "3"):
        articles_command(stocked, "forget", number)
    for count, name in enumerate(("first", "second", "third"), start=1):
        stocked.page(name, date="15-8-2024")
        stocked.run(FRIDAY.replace(day=15))
        assert len(feedparser.parse((stocked.public / "feed.rss").read_bytes()).entries) == count
