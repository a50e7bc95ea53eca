"""A feed at another address: where its articles went, and how its readers get there."""

import json
import re
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import feedparser
import requests
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hairfeed.cli import app
from hairfeed.feeds.check.walk import check
from hairfeed.feeds.moves import moves, rules
from hairfeed.settings.site import Feeds
from hairfeed.store.feed_articles import FeedRow
from hairfeed.store.feed_files import published
from tests.conftest import FRIDAY, Publication, free_port
from tests.feeds.places import files_below
from tests.web.servers import serving

COLOUR, DYES, TINTS = "category/colour/", "category/dyes/", "category/tints/"
HOUR = timedelta(hours=1)


def recategorise(publication: Publication, new: str, *names: str) -> None:
    """Give pages another category."""
    for name in names:
        page = publication.articles / f"{name}.txt"
        category = page.read_text().partition("\n")[0]
        page.write_text(page.read_text().replace(category, new))


def two_pages(publication: Publication, category: str = "Colour") -> None:
    """Two articles of a category, and one of another."""
    publication.page("brushing")
    publication.page("henna", category=category)
    publication.page("indigo", category=category, date="14-7-2024")


def found_moves(publication: Publication) -> dict[str, str]:
    """What `hairfeed feeds moved` says, by path."""
    result = CliRunner().invoke(app, ["feeds", "moved", "--config", str(publication.config)])
    assert result.exit_code == 0, result.output
    url = f"{publication.settings.feeds.url}/"
    return {old.removeprefix(url): new.removeprefix(url) for old, new in map(str.split, result.output.splitlines())}


def test_a_renamed_category_leaves_its_readers_the_feed_that_it_became(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    ids = ids_of(publication.public / COLOUR / "feed.json")
    recategorise(publication, "Dyes", "henna", "indigo")
    report = publication.run(FRIDAY + HOUR)
    assert found_moves(publication) == {COLOUR: DYES}
    for name in ("feed.rss", "feed.atom", "feed.json", "index.html"):
        assert (publication.public / COLOUR / name).read_bytes() == (publication.public / DYES / name).read_bytes()
        assert (publication.public / COLOUR / f"{name}.moved").read_text() == f"{DYES}{name}"
    feed = json.loads((publication.public / COLOUR / "feed.json").read_bytes())
    assert feed["feed_url"] == f"https://hair.example.org/feeds/{DYES}feed.json"
    assert ids_of(publication.public / COLOUR / "feed.json") == ids
    assert "colour" not in (publication.public / "feeds.opml").read_text().casefold()
    assert report.publish.feeds == 4  # the site, two categories, an author
    assert_sound(publication)


def test_a_copy_follows_its_feed(publication: Publication) -> None:
    publication.configure("[newsletters", 'compress = ["gzip"]\n\n[newsletters')
    two_pages(publication)
    publication.run(FRIDAY)
    recategorise(publication, "Dyes", "henna", "indigo")
    publication.run(FRIDAY + HOUR)
    publication.page("walnut", category="Dyes", date="15-7-2024")
    report = publication.run(FRIDAY + 2 * HOUR).publish
    assert f"{COLOUR}feed.rss" in report.written
    for name in ("feed.rss", "feed.rss.gz"):
        assert (publication.public / COLOUR / name).read_bytes() == (publication.public / DYES / name).read_bytes()
    (publication.public / COLOUR / "feed.rss").unlink()
    assert publication.run(FRIDAY + 3 * HOUR).publish.written == (f"{COLOUR}feed.rss",)
    assert publication.run(FRIDAY + 4 * HOUR).publish.written == ()
    assert_sound(publication)


def test_a_category_may_be_renamed_page_by_page(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    recategorise(publication, "Dyes", "henna")
    publication.run(FRIDAY + HOUR)
    assert found_moves(publication) == {}
    recategorise(publication, "Dyes", "indigo")
    publication.run(FRIDAY + 2 * HOUR)
    assert found_moves(publication) == {COLOUR: DYES}


def test_an_author_may_have_another_name(publication: Publication) -> None:
    page = publication.page("brushing")
    publication.run(FRIDAY)
    page.write_text(page.read_text().replace("Plain Hair - ", "Ann Example - "))
    publication.run(FRIDAY + HOUR)
    assert found_moves(publication) == {"author/plain-hair/": "author/ann-example/"}


def test_a_category_whose_articles_went_apart_has_ended(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    recategorise(publication, "Dyes", "henna")
    recategorise(publication, "Tints", "indigo")
    publication.run(FRIDAY + HOUR)
    assert found_moves(publication) == {}
    assert (publication.public / COLOUR / "feed.rss.gone").exists()


def test_a_category_whose_articles_had_another_one_already_has_ended(publication: Publication) -> None:
    page = publication.articles / "henna.md"
    page.write_text("---\ntitle: Henna\ndate: 2024-08-08\ncategories: [Colour, Hair Care]\n---\nWhat there is to say.\n")
    publication.run(FRIDAY)
    page.write_text(page.read_text().replace("Colour, ", ""))
    publication.run(FRIDAY + HOUR)
    assert found_moves(publication) == {}
    assert (publication.public / COLOUR / "feed.rss.gone").exists()


def test_a_feed_that_moves_twice_is_at_its_last_address(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    for hours, category in enumerate(("Dyes", "Tints"), start=1):
        recategorise(publication, category, "henna", "indigo")
        publication.run(FRIDAY + hours * HOUR)
    assert found_moves(publication) == {COLOUR: TINTS, DYES: TINTS}
    assert (publication.public / COLOUR / "feed.rss.moved").read_text() == f"{TINTS}feed.rss"
    assert_sound(publication)


def test_a_feed_stays_where_it_was_until_the_new_one_is_in_place(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    before = files_below(publication.public / COLOUR)
    recategorise(publication, "Dyes", "henna", "indigo")
    # Where an unfinished file would be: it can be neither written nor replaced.
    blocked = publication.public / DYES / ".feed.atom.part"
    (blocked / "full").mkdir(parents=True)
    assert publication.run(FRIDAY + HOUR).failures
    assert files_below(publication.public / COLOUR) == before
    shutil.rmtree(blocked)
    assert not publication.run(FRIDAY + 2 * HOUR).failures
    assert (publication.public / COLOUR / "feed.rss.moved").exists()
    assert_sound(publication)


def test_a_feed_that_comes_back_is_where_it_was(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    recategorise(publication, "Dyes", "henna", "indigo")
    publication.run(FRIDAY + HOUR)
    recategorise(publication, "Colour", "henna", "indigo")
    publication.run(FRIDAY + 2 * HOUR)
    assert found_moves(publication) == {DYES: COLOUR}
    assert not list((publication.public / COLOUR).glob("*.moved"))
    assert json.loads((publication.public / COLOUR / "feed.json").read_bytes())["title"] == "Plain Hair: Colour"
    assert_sound(publication)


def test_a_feed_has_ended_with_the_one_that_it_moved_to(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    recategorise(publication, "Dyes", "henna", "indigo")
    publication.run(FRIDAY + HOUR)
    for name in ("henna", "indigo"):
        (publication.articles / f"{name}.txt").unlink()
    for hours in (2, 3):
        publication.run(FRIDAY + hours * HOUR)
    for folder in (COLOUR, DYES):
        assert sorted(path.name for path in (publication.public / folder).iterdir()) == [
            "feed.atom.gone",
            "feed.json.gone",
            "feed.rss.gone",
            "index.html.gone",
        ]
    assert_sound(publication)


def test_a_feed_stays_moved_when_the_articles_that_it_had_are_gone(publication: Publication) -> None:
    two_pages(publication)
    publication.run(FRIDAY)
    recategorise(publication, "Dyes", "henna", "indigo")
    publication.page("walnut", category="Dyes", date="15-7-2024")
    publication.run(FRIDAY + HOUR)
    for name in ("henna", "indigo"):
        (publication.articles / f"{name}.txt").unlink()
    for hours in (2, 3):
        publication.run(FRIDAY + hours * HOUR)
    assert found_moves(publication) == {COLOUR: DYES}


def test_a_pass_says_once_that_the_feeds_were_elsewhere_unless_the_config_knows(publication: Publication) -> None:
    publication.page("brushing")
    publication.run(FRIDAY)
    publication.configure('url = "https://hair.example.org/feeds"', 'url = "https://feeds.example.org"')
    (warning,) = publication.run(FRIDAY).publish.warnings
    assert str(warning).startswith("feeds.url: was https://hair.example.org/feeds, where readers ask still")
    assert publication.run(FRIDAY).publish.warnings == ()
    publication.configure(
        'url = "https://feeds.example.org"', 'url = "https://news.example.org"\nformer_urls = ["https://feeds.example.org/"]'
    )
    assert publication.run(FRIDAY).publish.warnings == ()


def test_players_are_told_that_a_podcast_moved(publication: Publication) -> None:
    podcast = 'image = "https://hair.example.org/cover.jpg"\ncategory = "Science"\nexplicit = false\n'
    publication.configure("[newsletters", f"[feeds.podcast]\n{podcast}\n[newsletters")
    page = publication.articles / "henna.md"
    enclosure = "enclosure: {url: https://hair.example.org/henna.mp3, length: 1000, type: audio/mpeg}"
    page.write_text(f"---\ntitle: Henna\ndate: 2024-08-08\ncategory: Colour\n{enclosure}\n---\nWhat there is to say.\n")
    publication.run(FRIDAY)
    assert new_addresses(publication.public / COLOUR) == []
    page.write_text(page.read_text().replace("category: Colour", "category: Dyes"))
    publication.run(FRIDAY + HOUR)
    assert new_addresses(publication.public) == []
    for folder in (COLOUR, DYES):
        assert new_addresses(publication.public / folder) == [f"https://hair.example.org/feeds/{DYES}feed.rss"]
    publication.configure("[feeds]\n", '[feeds]\nformer_urls = ["https://old.example.org/feeds"]\n')
    publication.run(FRIDAY + 2 * HOUR)
    assert new_addresses(publication.public) == ["https://hair.example.org/feeds/feed.rss"]


def test_a_reader_follows_and_keeps_its_entries(publication: Publication) -> None:
    port = free_port()
    first, second = f"http://localhost:{port}/feeds", f"http://127.0.0.1:{port}/rss"
    publication.configure('url = "https://hair.example.org/feeds"', f'url = "{first}"')
    two_pages(publication)
    publication.run(FRIDAY)
    with serving(publication.config, "--port", str(port)):
        before = {kind: poll(f"{first}/{COLOUR}feed.{kind}") for kind in ("rss", "atom", "json")}
    recategorise(publication, "Dyes", "henna", "indigo")
    publication.run(FRIDAY + HOUR)
    publication.configure(f'url = "{first}"', f'url = "{second}"\nformer_urls = ["{first}"]')
    recategorise(publication, "Tints", "henna", "indigo")
    publication.run(FRIDAY + 2 * HOUR)
    with serving(publication.config, "--port", str(port)):
        for kind, (_, ids) in before.items():
            new = f"{second}/{TINTS}feed.{kind}"
            # From where it was at first, from where it was then, and from where it never was: in one step each time.
            for old in (f"{first}/{COLOUR}", f"{first}/{DYES}", f"{second}/{COLOUR}"):
                assert poll(f"{old}feed.{kind}") == ([new], ids)
            assert poll(new) == ([], ids)
        for kind in ("rss", "atom"):
            parsed = feedparser.parse(f"{first}/{COLOUR}feed.{kind}")
            assert (parsed.status, parsed.href) == (301, f"{second}/{TINTS}feed.{kind}")
            assert [entry.id for entry in parsed.entries] == before[kind][1]
            assert parsed.href in [link.href for link in parsed.feed.links if link.rel == "self"]


def test_where_a_feed_is_that_moved_to_and_fro() -> None:
    def row(path: str, present: int, moved_to: str | None) -> FeedRow:
        return FeedRow(path, "", path, path, 1, present, FRIDAY, moved_to)

    feeds = Feeds(directory=Path(), url="https://hair.example.org/feeds")
    known = [row("category/a/", 0, "category/b/"), row("category/b/", 0, "category/a/"), row("category/c/", 0, "category/unknown/")]
    assert moves({one.path: one for one in known}, feeds) == {}
    known += [row("category/d/", 0, "category/e/"), row("category/e/", 0, "category/f/"), row("category/f/", 1, "category/d/")]
    assert moves({one.path: one for one in known}, feeds) == {"category/d/": "category/f/", "category/e/": "category/f/"}
    assert moves({one.path: one for one in known}, feeds.model_copy(update={"categories": False})) == {}


HOSTS = ("hair.example.org", "old.example.org")
PLACES = ("", "/feeds", "/feeds/v2", "/feeds/category/colour", "/rss")


@given(
    st.sampled_from(PLACES),
    st.lists(st.sampled_from([f"https://{host}{path}" for host in HOSTS for path in PLACES]), max_size=4),
    st.sampled_from(HOSTS),
    st.sampled_from(PLACES),
    st.sampled_from(["", COLOUR, DYES]),
    st.sampled_from(["", "feed.rss", "archive/0001-0123456789ab.atom", "feeds.opml", "issues/weekly/1/"]),
    st.sampled_from(["", "?x=1", "?/feeds/feed.rss"]),
)
def test_whatever_was_published_where_nobody_is_sent_on_twice(
    url: str, former: list[str], host: str, place: str, folder: str, name: str, query: str
) -> None:
    feeds = Feeds(directory=Path(), url=f"https://{HOSTS[0]}{url}", former_urls=tuple(former))
    made = [
        (re.compile(rule.pattern), rule.target.replace("${", r"\g<").replace("}", ">")) for rule in rules({COLOUR: DYES}, feeds)
    ]
    target = sent_to(f"{host}{place}/{folder}{name}{query}", made)
    if target:
        assert target.startswith(f"{feeds.url}/")
        assert sent_to(target.removeprefix("https://"), made) == ""


def sent_to(asked: str, made: Iterable[tuple[re.Pattern[str], str]]) -> str:
    """Where a web server sends who asks for a host and path; empty when it does not."""
    matched = ((pattern.match(asked), target) for pattern, target in made)
    return next((match.expand(target) for match, target in matched if match), "")


def poll(address: str) -> tuple[list[str], list[str]]:
    """The addresses that a reader is sent to, and the ids of what it finds there."""
    answer = requests.get(address, timeout=300)
    assert answer.status_code == 200
    steps = [one.url for one in (*answer.history, answer)][1:]
    assert all(one.status_code == 301 for one in answer.history)
    if address.endswith("json"):
        return steps, [item["id"] for item in answer.json()["items"]]
    return steps, [entry.id for entry in feedparser.parse(answer.content).entries]


def ids_of(feed: Path) -> list[str]:
    """Of the articles in a JSON feed."""
    return [item["id"] for item in json.loads(feed.read_bytes())["items"]]


def new_addresses(folder: Path) -> list[str]:
    """What players are told about where to look from now on."""
    return re.findall("<itunes:new-feed-url>(.*)</itunes:new-feed-url>", (folder / "feed.rss").read_text())


def assert_sound(publication: Publication) -> None:
    """`hairfeed feeds check` finds nothing."""
    ledger = publication.ledger()
    with ledger.read() as connection:
        assert list(check(publication.settings.feeds, published(connection))) == []
    ledger.close()
