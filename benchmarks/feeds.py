"""Building feeds beside bare feedgen, and a pass with one new article over a site of 100,000.

`python benchmarks/feeds.py` with the Python that HairFeed is installed for. Every run is a process of its own. It fails when the
work was not done, never on a time. The site takes minutes to make, once: `--articles 10000` is a smaller one.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from feedgen.feed import FeedGenerator

from hairfeed.feeds.feed import Feed, FeedAddresses, publishable
from hairfeed.feeds.formats import build_formats
from hairfeed.feeds.rss_atom import build_rss_and_atom
from hairfeed.models import Article, ArticleState, FoundArticle, Mailing, NewArticle
from hairfeed.text.markup import proof_of
from pages import SITE_URL
from publication import NOW, Publication
from timing import Cost, Spread, alternate, print_costs, print_ratios, run, timed

T = TypeVar("T")

ITEMS = 50
REPEATS = 100
"""Builds in one run, for one alone is too short to time."""

GOAL_RATIO = 1.3
"""Of three formats to bare feedgen's two, by CPU."""
GOAL_SECONDS, GOAL_PEAK = 1.0, 150e6
"""For the pass with one new article, as a whole process."""

_FIRST_DAY = datetime(1990, 1, 1, tzinfo=UTC)
_PAGE = "Topic 3\n\nNew article {number}\n\nWhat there is to say is new. It takes two sentences.\n\n\n\nThe Editor - 8-8-2024\n"
_SENTENCE = "What there is to say about hair fills a page. "
_HTML = f"""<p>{_SENTENCE * 8}</p>
<h2>How to wash it</h2>
<p>Use <strong>lukewarm</strong> water, <a href="{SITE_URL}/shampoo?kind=mild&amp;size=2">mildly</a>. {_SENTENCE * 8}</p>
<figure><img src="{SITE_URL}/comb.jpg" alt="A comb" width="640" height="480"><figcaption>A comb of wood</figcaption></figure>
<ul><li>Brush it.</li><li>Dry it <em>with a towel</em>.</li><li>Let the <a href="{SITE_URL}/air">air</a> do the rest.</li></ul>
<p>{_SENTENCE * 16}</p>"""
"""As clean as collecting leaves it; some 2 KB."""


def main() -> None:
    """Measure, and print the results beside the goals."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--one", choices=_BUILDS, help="one run, in this process: its cost as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(asdict(_BUILDS[arguments.one]())))
        return
    _builds(arguments.rounds)
    print()
    _one_new(arguments.articles, arguments.rounds)


def _builds(rounds: int) -> None:
    costs = alternate(rounds, {name: partial(_in_a_process, name) for name in _BUILDS})
    print_costs(costs)
    print()
    for name in list(_BUILDS)[:-1]:
        print_ratios(f"{name}, to feedgen", costs[name], costs["feedgen"])
    ratio = Spread.of(one.cpu / two.cpu for one, two in zip(costs["HairFeed"], costs["feedgen"], strict=True)).median
    print(f"goal for the ratio, by CPU: {GOAL_RATIO} at most; measured {ratio:.2f}")


def _in_a_process(name: str) -> Cost:
    _, output = run([sys.executable, __file__, "--one", name])
    return Cost(**json.loads(output))


def _articles(build: int) -> list[Article]:
    """The articles of one build, as the ledger has them: with the proof that their HTML was sanitised when it was collected.

    No two builds have one in common, as nothing that is remembered may help.
    """
    unproven = [
        Article(
            id=number,
            guid=f"tag:hair.example.org,2024:{build}/{number}",
            url=f"{SITE_URL}/{build}/{number}",
            title=f"Article number {number} of {build}",
            authors=("The Editor",),
            topics=("Hair Care",),
            summary="What there is to say about hair fills a page.",
            html=f"<p>Article {number} of {build}.</p>{_HTML}",
            published_at=_FIRST_DAY + timedelta(days=number, seconds=build),
            published_on=(_FIRST_DAY + timedelta(days=number)).date(),
            updated_at=None,
        )
        for number in range(ITEMS)
    ]
    return [replace(article, html_proof=proof_of(article.html)) for article in unproven]


def _feed(build: int) -> Feed:
    base = f"{SITE_URL}/feeds"
    return Feed(
        guid="urn:uuid:12345678-1234-5678-1234-567812345678",
        title="Plain Hair",
        description="Articles of Plain Hair",
        home_url=f"{SITE_URL}/",
        addresses=FeedAddresses(*(f"{base}/feed.{kind}" for kind in ("rss", "atom", "json"))),
        language="en",
        author="The Editor",
        zone=ZoneInfo("UTC"),
        updated_at=_FIRST_DAY,
        category_scheme=f"{base}/category/",
        articles=_articles(build),
    )


def _build_ours() -> Cost:
    return _timed([_feed(build) for build in range(REPEATS)], lambda feed: build_formats(publishable(feed)).values())


def _build_unproven() -> Cost:
    feeds = [_feed(build) for build in range(REPEATS)]
    unproven = [replace(feed, articles=[replace(article, html_proof="") for article in feed.articles]) for feed in feeds]
    return _timed(unproven, lambda feed: build_formats(publishable(feed)).values())


def _build_sound() -> Cost:
    return _timed([publishable(_feed(build)) for build in range(REPEATS)], lambda feed: build_formats(feed).values())


def _build_xml() -> Cost:
    return _timed([publishable(_feed(build)) for build in range(REPEATS)], build_rss_and_atom)


def _build_bare() -> Cost:
    def build(feed: Feed) -> Iterable[bytes]:
        generator = FeedGenerator()
        generator.id(feed.guid)
        generator.title(feed.title)
        generator.description(feed.description)
        generator.author({"name": feed.author})
        generator.language(feed.language)
        generator.link(href=feed.addresses.rss, rel="self")
        generator.link(href=feed.home_url, rel="alternate")
        for article in feed.articles:
            entry = generator.add_entry(order="append")
            entry.id(article.guid)
            entry.title(article.title)
            entry.link(href=article.url)
            entry.summary(article.summary)
            entry.content(article.html, type="html")
            entry.author([{"name": name} for name in article.authors])
            entry.category(term="hair-care", label="Hair Care")
            entry.published(article.published_at)
            entry.updated(article.modified_at)
        return [generator.rss_str(pretty=True), generator.atom_str(pretty=True)]

    return _timed([_feed(build) for build in range(REPEATS)], build)


def _timed(feeds: Sequence[T], build: Callable[[T], Iterable[bytes]]) -> Cost:
    sizes, cost = timed(lambda: [len(content) for feed in feeds for content in build(feed)])
    if any(size < ITEMS * len(_HTML) for size in sizes):
        raise RuntimeError("a feed without its articles")
    return cost


_BUILDS: dict[str, Callable[[], Cost]] = {
    "HairFeed": _build_ours,
    "HairFeed, without proof": _build_unproven,
    "of sound articles": _build_sound,
    "RSS and Atom of them": _build_xml,
    "feedgen": _build_bare,
}


def _one_new(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="hairfeed-") as folder:
        publication = Publication(Path(folder, "site"), 1, "txt")
        publication.cold_pass()
        _fill(publication, count)
        first, _ = publication.make_pass()
        costs = {f"{count:,} articles, all new": [first]}
        for number in range(rounds):
            (publication.articles / f"new-{number}.txt").write_text(_PAGE.format(number=number), encoding="utf-8")
            cost, report = publication.make_pass()
            _check(report)
            costs.setdefault("one more", []).append(cost)
    print_costs(costs)
    wall = Spread.of(cost.wall for cost in costs["one more"]).median
    peak = max(cost.peak for cost in costs["one more"])
    print(
        f"goal for one more: {GOAL_SECONDS} s and {GOAL_PEAK / 1e6:.0f} MB at most; measured {wall:.2f} s and {peak / 1e6:.0f} MB"
    )


def _check(report: dict[str, Any]) -> None:
    written = len(report["publish"]["written"])
    if report["collect"]["new"] != 1 or not 3 <= written <= 3 * ITEMS:
        raise RuntimeError(f"not a pass with one new article: {written} files written")


def _fill(publication: Publication, count: int) -> None:
    """Put articles of a source of their own into the ledger, as if the next pass had collected them."""
    from hairfeed.settings import load_settings
    from hairfeed.store import articles, sources
    from hairfeed.store.database import open_ledger

    settings = load_settings(publication.config)
    ledger = open_ledger(settings.store.url, settings.store.lock_timeout)
    now = datetime.fromisoformat(NOW).replace(tzinfo=UTC)
    with ledger.write() as connection:
        source, _ = sources.enter(connection, "old", "https://old.example.org")
        for some in _in_thousands(count):
            articles.add(connection, source, [_new(number, now) for number in some], now, revision=2)
    ledger.close()


def _in_thousands(count: int) -> Iterator[range]:
    for first in range(0, count, 1000):
        yield range(first, min(first + 1000, count))


def _new(number: int, now: datetime) -> NewArticle:
    published_at = _FIRST_DAY + timedelta(hours=3 * number)
    found = FoundArticle(
        upstream_id=str(number),
        stamp="",
        url=f"{SITE_URL}/old/{number}",
        title=f"Article number {number}",
        authors=(f"Author {number % 20}",),
        topics=(f"Topic {number % 10}",),
        summary="What there is to say about hair fills a page.",
        html=_HTML,
        html_proof=proof_of(_HTML),
        published_at=published_at,
        published_on=published_at.date(),
        content_hash="",
        form_hash="",
    )
    return NewArticle(found, f"tag:hair.example.org,2024:old/{number}", ArticleState.LIVE, Mailing.BASELINE, now)


if __name__ == "__main__":
    main()
