"""Collecting, part by part: HTML pages beside trafilatura, a feed beside feedparser, deciding about 100,000 articles.

`python benchmarks/collect.py` with the Python that HairFeed is installed for. Every run is a process of its own, so that nobody
finds the caches of another warm. It fails when the work was not done, never on a time.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pages import SITE_URL, sentence
from timing import Cost, Spread, alternate, print_costs, print_ratios, run, timed

# Each run loads only what it measures: the memory of the others' libraries is not its own.
if TYPE_CHECKING:
    from hairfeed.collect.decide import Decision, Policy
    from hairfeed.models.articles import FoundArticle, KnownArticle

PAGES = Path(__file__).parent.parent / "tests" / "collect" / "html_pages"
VARIANTS = 10
"""Pages made of each of those."""
ENTRIES = 500
"""Of the feed."""
ARTICLES = 100_000
"""That the ledger knows of a source."""
FOUND = 10
"""Of them changed, and as many new ones."""

GOAL_RATIO = 1.3
"""Of HairFeed to the library alone, by CPU."""
GOAL_SECONDS = 1.0
"""For deciding, by the clock."""
GOAL_PEAK = 200e6
"""Bytes, for deciding: the whole process with what it decides about."""

_NOW = datetime(2024, 8, 9, 9, tzinfo=UTC)
_LONG_PARAGRAPH = re.compile(r"<p\b[^<>]*>[^<>]{100}")
_BODY = re.compile(r"<body\b[^<>]*>")
_MENU_LINKS = 40


def main() -> None:
    """Measure, and print the results beside the goals."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SEED"), help="one run, in this process: its cost as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        name, seed = arguments.one
        print(json.dumps(asdict(CONTESTANTS[name](int(seed)))))
        return
    costs = alternate(arguments.rounds, {name: partial(_run, name, count(1)) for name in CONTESTANTS})
    print_costs(costs)
    print()
    _print_goals(costs)


def _run(name: str, seeds: Iterator[int]) -> Cost:
    """One run in a process of its own: the cost of the work alone, and that process's peak."""
    _, output = run([sys.executable, __file__, "--one", name, str(next(seeds))])
    return Cost(**json.loads(output))


def _print_goals(costs: Mapping[str, Sequence[Cost]]) -> None:
    for ours, theirs, things in PAIRS:
        print_ratios(f"{ours} to {theirs}", costs[ours], costs[theirs])
        ratio = Spread.of(one.cpu / two.cpu for one, two in zip(costs[ours], costs[theirs], strict=True)).median
        print(f"goal: {GOAL_RATIO} at most, by CPU; measured {ratio:.2f}")
        number = ENTRIES if things == "entries" else len(_pages(seed=1))
        rates = (number / Spread.of(one.cpu for one in costs[name]).median for name in (ours, theirs))
        print("a second of CPU: {:,.0f} {things} to {:,.0f}\n".format(*rates, things=things))
    for name in ("decide: all shown", "decide: newest shown"):
        wall, peak = Spread.of(one.wall for one in costs[name]).median, max(one.peak for one in costs[name])
        print(f"{name}: goal {GOAL_SECONDS} s at most, measured {wall:.2f} s", end="; ")
        print(f"goal {GOAL_PEAK / 1e6:.0f} MB at most, measured {peak / 1e6:.0f} MB")


def _expect(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise AssertionError(f"the work measured is not the one meant: {what}: {found}, not {expected}")


# HTML pages.


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page, what its source's tests expect of it, and the text that was added to its article."""

    html: str
    expected: Mapping[str, Any]
    added: tuple[str, ...]

    @property
    def url(self) -> str:
        """Where a website has it."""
        return str(self.expected["url"])


def _pages(seed: int) -> list[HtmlPage]:
    """The pages of the tests, and variants with a menu and longer articles: others for each seed, of one length."""
    pages = []
    for path in sorted(PAGES.glob("*.html")):
        expected = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
        html = path.read_text("utf-8")
        pages.append(HtmlPage(html, expected, ()))
        pages += [_variant(html, expected, random.Random(f"{path.stem}/{seed}/{number}"), number) for number in range(1, VARIANTS)]
    return pages


def _variant(html: str, expected: Mapping[str, Any], chance: random.Random, number: int) -> HtmlPage:
    """The page with a menu, and with `number` sections before the second long paragraph of its article."""
    longs = list(_LONG_PARAGRAPH.finditer(html))
    added = tuple(_section(chance) for _ in range(number)) if len(longs) > 1 else ()
    place = longs[1].start() if added else len(html)
    longer = html[:place] + "\n".join(map(_section_html, added)) + html[place:]
    links = "".join(f'<li><a href="/menu/{link}">{chance.choice(_MENU)} {link}</a></li>' for link in range(_MENU_LINKS))
    return HtmlPage(_BODY.sub(rf"\g<0><nav><ul>{links}</ul></nav>", longer, count=1), expected, added)


_MENU = ("Hair", "Scalp", "Colour", "Brushes", "Shampoo")


def _section(chance: random.Random) -> str:
    return " ".join(f"{sentence(chance)} So say {chance.randrange(10**6)} readers." for _ in range(4))


def _section_html(text: str) -> str:
    first, second, *rest = re.split(r"(?<=readers\.) ", escape(text, quote=False))
    return f'<p>{first} <a href="/more">{second}</a></p>\n<p><em>{rest[0]}</em> {rest[1]}</p>'


def _words(text: str) -> str:
    """The text without markup and white space: what no renderer changes."""
    from html import unescape

    return "".join(unescape(re.sub("<[^<>]*>", "", text)).split())


def read_pages(seed: int) -> Cost:
    """HairFeed: who, what, when, the picture and the text of every page."""
    from hairfeed.collect.html import page as html_page

    pages = _pages(seed)
    html_page.parse(pages[0].html, pages[0].url)
    read, cost = timed(lambda: [html_page.parse(page.html, page.url) for page in pages])
    for page, got in zip(pages, read, strict=True):
        _expect(got.title, page.expected["title"], "title")
        _expect([piece for piece in page.expected.get("holds", ()) if piece not in got.html], [], f"{page.url} lacks")
        _expect([piece for piece in page.expected.get("lacks", ()) if piece in got.html], [], f"{page.url} holds")
        _expect_added(page, got.html)
    return cost


def extract_pages(seed: int) -> Cost:
    """Trafilatura alone: the text of every page, as HTML."""
    import trafilatura

    extract = partial(
        trafilatura.extract,
        output_format="html",
        favor_precision=True,
        include_comments=False,
        include_tables=True,
        include_images=True,
        include_links=True,
        include_formatting=True,
    )
    pages = _pages(seed)
    extract(pages[0].html)
    texts, cost = timed(lambda: [extract(page.html) for page in pages])
    for page, text in zip(pages, texts, strict=True):
        _expect_added(page, text or "")
    return cost


def _expect_added(page: HtmlPage, html: str) -> None:
    words = _words(html)
    _expect([text for text in page.added if _words(text) not in words], [], f"{page.url} lacks")


# A feed.


def _feed(seed: int) -> bytes:
    """An RSS feed with a description and the whole article in every entry, another one for each seed."""
    chance = random.Random(seed)
    items = "".join(_item(chance, number) for number in range(ENTRIES))
    channel = f"<title>Plain Hair</title><link>{SITE_URL}/</link><description>On hair</description><language>en</language>"
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {spaces}><channel>{channel}{items}</channel></rss>'.encode()


def _item(chance: random.Random, number: int) -> str:
    sections = "\n".join(_section_html(_section(chance)) for _ in range(5))
    picture = f'<figure><img src="/pictures/{number}.jpg" alt="A comb"><figcaption>A comb</figcaption></figure>'
    dated = format_datetime(_NOW - timedelta(hours=number))
    return (
        f"<item><title>On combing, part {number} &amp; last</title><link>{SITE_URL}/part-{number}</link>"
        f'<guid isPermaLink="false">part-{number}</guid><pubDate>{dated}</pubDate><dc:creator>Ada Winter</dc:creator>'
        f"<category>Hair Care</category><category>Combs</category><description>{escape(sentence(chance))}</description>"
        f"<content:encoded><![CDATA[{picture}{sections}<h2>What to do</h2><ul><li>{sentence(chance)}</li></ul>]]></content:encoded>"
        "</item>\n"
    )


def read_feed(seed: int) -> Cost:
    """HairFeed: the entries as pages, teasers told from articles."""
    from hairfeed.collect.feed.document import parse_feed

    content, warm = _feed(seed), _feed(0).replace(b"Plain Hair", b"Warm")
    parse_feed(warm[: warm.index(b"</item>") + 7] + b"</channel></rss>", "application/rss+xml", "utf-8", SITE_URL)
    feed, cost = timed(lambda: parse_feed(content, "application/rss+xml", "utf-8", SITE_URL))
    _expect(feed.notes, (), "notes")
    _expect([entry.page.title for entry in feed.entries], _titles(), "titles")
    _expect([entry for entry in feed.entries if entry.is_teaser or not entry.page.date_text], [], "no full entries")
    _expect_articles([entry.page.html for entry in feed.entries], content)
    return cost


def feedparser_feed(seed: int, **options: bool) -> Cost:
    """Feedparser alone."""
    import feedparser

    content = _feed(seed)
    feedparser.parse(b"<rss><channel><item><title>Warm</title></item></channel></rss>", **options)
    feed, cost = timed(lambda: feedparser.parse(content, **options))
    _expect([entry.title for entry in feed.entries], _titles(), "titles")
    _expect_articles([entry.content[0].value for entry in feed.entries], content)
    return cost


def _titles() -> list[str]:
    return [f"On combing, part {number} & last" for number in range(ENTRIES)]


def _expect_articles(articles: Sequence[str], content: bytes) -> None:
    """Each must be the article that stands in the feed, whatever became of its markup."""
    written = re.findall(r"<!\[CDATA\[(.*?)\]\]>", content.decode(), re.DOTALL)
    _expect(list(map(_words, articles)), list(map(_words, written)), "articles")


# The decide step.


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _known(number: int) -> "KnownArticle":
    from hairfeed.models.articles import ArticleState, KnownArticle

    name = _name(number)
    dated = _NOW - timedelta(hours=number)
    return KnownArticle(
        id=number,
        guid=f"tag:hair.example.org,{dated:%Y-%m-%d}:articles/{name}",
        upstream_id=name,
        stamp=_hash(f"stamp of {name}"),
        url=f"{SITE_URL}/{name}",
        content_hash=_hash(f"content of {name}"),
        form_hash=_hash(f"form of {name}"),
        published_on=dated.date(),
        live_at=dated,
        state=ArticleState.LIVE,
        misses=0,
    )


def _name(number: int) -> str:
    return f"{2024 - number // 8766}/on-washing-and-brushing-{number}"


def _found(number: int) -> "FoundArticle":
    from hairfeed.models.articles import FoundArticle

    name = _name(number)
    dated = _NOW - timedelta(hours=number)
    return FoundArticle(
        upstream_id=name,
        stamp=_hash(f"new stamp of {name}"),
        url=f"{SITE_URL}/{name}",
        title=f"On washing and brushing {number}",
        authors=(),
        topics=(),
        summary="",
        html="",
        published_at=dated,
        published_on=dated.date(),
        content_hash=_hash(f"new content of {name}"),
        form_hash=_hash(f"new form of {name}"),
    )


def decide_all(seed: int) -> Cost:
    """A folder or a website, which shows all its pages."""
    return _decide(seed, range(-FOUND, ARTICLES), _policy(rolls=False))


def decide_newest(seed: int) -> Cost:
    """A feed, which shows its newest pages only."""
    return _decide(seed, range(-FOUND, ENTRIES), _policy(rolls=True))


def _policy(*, rolls: bool) -> "Policy":
    from hairfeed.collect.decide import Policy

    authority = SITE_URL.removeprefix("https://")
    return Policy("articles", authority, baseline=False, mail_backdated_days=30, now=_NOW, rolls=rolls)


def _decide(seed: int, shown: range, policy: "Policy") -> Cost:
    from hairfeed.collect.decide import decide

    known = [_known(number) for number in range(ARTICLES)]
    random.Random(seed).shuffle(known)
    changed = random.Random(seed).sample(range(ENTRIES), FOUND)
    # Names of their own, as they come from a source: comparing them costs more than recognising the ledger's.
    found, present = [_found(number) for number in [*changed, *range(-FOUND, 0)]], {_name(number) for number in shown}
    decision, cost = timed(lambda: decide(found, present, known, policy))
    _expect_decision(decision, changed)
    return cost


def _expect_decision(decision: "Decision", changed: Sequence[int]) -> None:
    _expect(sorted(article.id for article in decision.changed), sorted(changed), "changed")
    _expect({article.found.upstream_id for article in decision.new}, {_name(number) for number in range(-FOUND, 0)}, "new")
    others = (decision.moved, decision.missed, decision.gone, decision.elsewhere, decision.problems, decision.restamped)
    _expect(list(filter(None, others)), [], "more than was to be decided")


CONTESTANTS: Mapping[str, Callable[[int], Cost]] = {
    "pages: HairFeed": read_pages,
    "pages: trafilatura": extract_pages,
    "feed: HairFeed": read_feed,
    "feed: feedparser": feedparser_feed,
    "feed: feedparser, no cleaning": partial(feedparser_feed, sanitize_html=False, resolve_relative_uris=False),
    "decide: all shown": decide_all,
    "decide: newest shown": decide_newest,
}

PAIRS = (
    ("pages: HairFeed", "pages: trafilatura", "pages"),
    ("feed: HairFeed", "feed: feedparser", "entries"),
    ("feed: HairFeed", "feed: feedparser, no cleaning", "entries"),
)


if __name__ == "__main__":
    main()
