"""A digest of 30 articles, from rows to inlined bytes, beside premailer on the same pages; and the mails of its readers.

`python benchmarks/digest.py` with the Python that HairFeed is installed for. Every run is a process of its own. It fails when the
work was not done, never on a time.
"""

import argparse
import json
import logging
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from pages import SITE_URL, sentence
from timing import Cost, Spread, alternate, print_costs, print_ratios, run, timed

# Each run loads only what it measures.
if TYPE_CHECKING:
    from hairfeed.digest.content import DigestContent
    from hairfeed.models.articles import Article

ISSUES = 20
"""Rendered in one run, each with other articles."""
ARTICLES = 30
READERS = 20_000
MAIL_BYTES = 60_000

GOAL_RATIO = 3.0
"""Of HairFeed to premailer with the same settings, by CPU."""
GOAL_MAILS = 20_000
"""A second of CPU."""

_DAY = date(2024, 8, 9)


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
    ours, *theirs = RENDERING
    for other in theirs:
        print_ratios(f"{ours} to {other}", costs[ours], costs[other])
    ratio = Spread.of(one.cpu / two.cpu for one, two in zip(costs[ours], costs[theirs[0]], strict=True)).median
    print(f"goal: {GOAL_RATIO} at most, by CPU; measured {ratio:.2f}")
    mails = READERS / Spread.of(one.cpu for one in costs[FILLING]).median
    print(f"mails of {MAIL_BYTES / 1000:.0f} KB a second of CPU: goal {GOAL_MAILS:,} at least, measured {mails:,.0f}")


def _expect(is_so: object, what: str) -> None:
    if not is_so:
        raise AssertionError(f"the work measured is not the one meant: {what}")


def _rows(seed: int) -> "list[list[Article]]":
    """The articles of each issue, as the store gives them: others for each seed."""
    from hairfeed.models.articles import Article

    chance = random.Random(seed)
    published_at = datetime(2024, 8, 9, tzinfo=UTC)

    def article(number: int) -> Article:
        title, words = sentence(chance).rstrip("."), " ".join(sentence(chance) for _ in range(3))
        return Article(
            id=number,
            guid=f"tag:example.org,2024:{number}",
            url=f"{SITE_URL}/{number}",
            title=f"{title} {number}",
            authors=("The Editor",),
            topics=("Hair Care",),
            summary=words,
            html=f"<p>{words}</p>",
            published_at=published_at - timedelta(hours=number),
            published_on=_DAY,
            updated_at=None,
        )

    return [[article(number) for number in range(issue * ARTICLES, (issue + 1) * ARTICLES)] for issue in range(ISSUES + 1)]


def _content(rows: "Sequence[Article]") -> "DigestContent":
    """An issue of them, with a picture and what leads on for each: what the compose stage makes of rows."""
    from hairfeed.digest.content import DigestArticle, DigestContent, Link, Picture
    from hairfeed.settings.newsletters import Newsletter
    from hairfeed.settings.site import Site
    from hairfeed.text.merge import Placeholder, address_token

    site = {"title": "Hair", "url": SITE_URL, "timezone": "UTC", "author": "The Editor", "postal_address": "1 Example Street"}
    return DigestContent(
        site=Site.model_validate(site),
        newsletter=Newsletter.model_validate({"title": "Hair Weekly", "schedule": "Fri 08:00", "greeting": True}),
        number=12,
        issued_on=_DAY,
        language="en",
        featured=[
            DigestArticle(
                id=row.id,
                title=row.title,
                url=row.url,
                summary=row.summary,
                topics=row.topics,
                authors=row.authors,
                published_on=row.published_on,
                picture=Picture(f"{SITE_URL}/{row.id}.jpg", 504, 284, f"Picture {row.id}"),
                related=(Link("A Relative", f"{SITE_URL}/relative"),),
                read_all=Link("Hair Care", f"{SITE_URL}/hair-care"),
            )
            for row in rows
        ],
        also=(),
        unsubscribe_url=address_token(Placeholder.UNSUBSCRIBE),
        feed_url=f"{SITE_URL}/feed.rss",
    )


def render(seed: int) -> Cost:
    """HairFeed: subject, preheader, inlined HTML and text of every issue."""
    from hairfeed.digest.render import Templates

    first, *issues = _rows(seed)
    templates = Templates(None)
    templates.render(_content(first))
    renderings, cost = timed(lambda: [templates.render(_content(rows)) for rows in issues])
    for rows, rendering in zip(issues, renderings, strict=True):
        _expect(all(row.url in rendering.html and row.url in rendering.text for row in rows), "an article is missing")
        _expect("<h1 style=" in rendering.html, "nothing is inlined")
    return cost


def _pages(seed: int) -> list[str]:
    """The issues' pages before they are inlined."""
    from hairfeed.digest.render import Templates

    pages: list[str] = []

    def keep(page: str) -> str:
        pages.append(page)
        return page

    templates = Templates(None, inliner=keep)
    for rows in _rows(seed):
        templates.render(_content(rows))
    return pages


def _premailer(seed: int, **settings: object) -> Cost:
    from premailer import Premailer

    def inline(page: str) -> str:
        return str(Premailer(page, cssutils_logging_level=logging.CRITICAL, **settings).transform(pretty_print=False))

    first, *pages = _pages(seed)
    inline(first)
    inlined, cost = timed(lambda: [inline(page) for page in pages])
    _expect(all("<h1 style=" in page for page in inlined), "nothing is inlined")
    return cost


def safe(seed: int) -> Cost:
    """Premailer alone, with the settings that HairFeed gives it."""
    return _premailer(
        seed,
        allow_network=False,
        keep_style_tags=False,
        strip_important=False,
        disable_validation=True,
        align_floating_images=False,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
    )


def as_it_comes(seed: int) -> Cost:
    """Premailer alone, with its defaults."""
    return _premailer(seed)


def fill(seed: int) -> Cost:
    """What differs from reader to reader, filled into the HTML part of as many mails."""
    from hairfeed.text.merge import MARK, Mergeable, Placeholder

    page = _pages(seed)[0]
    page = page[:-20] + "<!-- -->" * ((MAIL_BYTES - len(page)) // 8) + page[-20:]
    mail = Mergeable.of(page)
    readers = [
        {Placeholder.NAME: f"Reader {number}", Placeholder.UNSUBSCRIBE: f"{SITE_URL}/mail/u/{number:040}"}
        for number in range(READERS)
    ]

    def each() -> int:
        # No list: nobody holds all mails at once.
        return sum(len(mail.fill_html(reader)) for reader in readers)

    length, cost = timed(each)
    _expect(length > READERS * (MAIL_BYTES - 1000), "the mails are too short")
    _expect(MARK not in mail.fill_html(readers[0]), "a placeholder is left")
    return cost


RENDERING = ("render: HairFeed", "inline: premailer, safe settings", "inline: premailer as it comes")
FILLING = f"fill: {READERS:,} mails"
CONTESTANTS: Mapping[str, Callable[[int], Cost]] = {
    **dict(zip(RENDERING, (render, safe, as_it_comes), strict=True)),
    FILLING: fill,
}


if __name__ == "__main__":
    main()
