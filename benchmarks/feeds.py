"""Building feeds beside bare feedgen, and a pass with one new article over a site of 100,000.

`python benchmarks/feeds.py` with the Python that HairFeed is installed for. Every run is a process of its own. It fails when the
work was not done, never on a time. The site takes minutes to make, once: `--articles 10000` is a smaller one.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feedgen.feed import FeedGenerator

from hairfeed.feeds.feed import Feed, FeedAddresses, publishable
from hairfeed.feeds.formats import build_formats
from hairfeed.feeds.rss_atom import build_rss_and_atom
from hairfeed.models.articles import Article, ArticleState, FoundArticle, Mailing, NewArticle
from hairfeed.text.markup import proof_of
from pages import SITE_URL
from publication import NOW, Publication
from timing import Cost, Spread, print_costs, print_ratios, run, timed

ITEMS = 50
REPEATS = 100
"""Builds of everyone in one run, for one alone is too short to time."""

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
    parser.add_argument("--only", choices=["builds", "one-more"], help="one of the two measurements")
    parser.add_argument("--one", action="store_true", help="one run of building, in this process: everyone's cost as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps({name: asdict(cost) for name, cost in _one_run().items()}))
        return
    if arguments.only != "one-more":
        _builds(arguments.rounds)
        print()
    if arguments.only != "builds":
        _one_new(arguments.articles, arguments.rounds)


def _builds(rounds: int) -> None:
    costs: dict[str, list[Cost]] = {name: [] for name in _CONTESTANTS}
    for number in range(1, rounds + 1):
        _, output = run([sys.executable, __file__, "--one"])
        for name, cost in json.loads(output).items():
            costs[name].append(Cost(**cost))
        print(f"round {number} of {rounds}", file=sys.stderr)
    print_costs(costs)
    print()
    for name in list(_CONTESTANTS)[:-1]:
        print_ratios(f"{name}, to feedgen", costs[name], costs["feedgen"])
    ratio = Spread.of(one.cpu / two.cpu for one, two in zip(costs["HairFeed"], costs["feedgen"], strict=True)).median
    print(f"goal for the ratio, by CPU: {GOAL_RATIO} at most; measured {ratio:.2f}")


def _one_run() -> dict[str, Cost]:
    """Everyone builds one feed after the other, in turn: what disturbs the machine for a moment disturbs them all."""
    names = list(_CONTESTANTS)
    costs = dict.fromkeys(names, Cost(0, 0, 0))
    for build in range(REPEATS):
        for place in range(len(names)):
            # Nobody always comes after the same one.
            number = (build + place) % len(names)
            contestant, before = _CONTESTANTS[names[number]], costs[names[number]]
            material = contestant.prepare(_feed(number * REPEATS + build))
            sizes, cost = timed(partial(_sizes, contestant, material))
            if any(size < ITEMS * len(_HTML) for size in sizes):
                raise RuntimeError("a feed without its articles")
            costs[names[number]] = Cost(before.wall + cost.wall, before.cpu + cost.cpu, cost.peak)
    return costs


def _sizes(contestant: "Contestant", material: Any) -> list[int]:
    return [len(content) for content in contestant.build(material)]


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


def _ours(feed: Feed) -> Iterable[bytes]:
    return build_formats(publishable(feed)).values()


def _without_proof(feed: Feed) -> Feed:
    return replace(feed, articles=[replace(article, html_proof="") for article in feed.articles])


def _bare(feed: Feed) -> Iterable[bytes]:
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


@dataclass(frozen=True)
class Contestant:
    """What is prepared outside the measured time, and what is measured."""

    prepare: Callable[[Feed], Any]
    build: Callable[[Any], Iterable[bytes]]


def _as_it_is(feed: Feed) -> Feed:
    return feed


_CONTESTANTS = {
    "HairFeed": Contestant(_as_it_is, _ours),
    "HairFeed, without proof": Contestant(_without_proof, _ours),
    "of sound articles": Contestant(publishable, lambda feed: build_formats(feed).values()),
    "RSS and Atom of them": Contestant(publishable, build_rss_and_atom),
    "feedgen": Contestant(_as_it_is, _bare),
}


def _one_new(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="hairfeed-") as folder:
        publication = Publication(Path(folder, "site"), 1, "txt")
        publication.cold_pass()
        _fill(publication, count)
        first, _ = publication.make_pass()
        costs, passes = {f"{count:,} articles, all new": [first]}, list[float]()
        for number in range(rounds):
            (publication.articles / f"new-{number}.txt").write_text(_PAGE.format(number=number), encoding="utf-8")
            cost, report = publication.make_pass()
            _check(report)
            costs.setdefault("one more", []).append(cost)
            passes.append(float(report["seconds"]))
    print_costs(costs)
    alone = Spread.of(passes)
    print(f"of one more, the pass alone, by its own report: {alone.median:.2f} s ({alone.least:.2f} to {alone.most:.2f})")
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
