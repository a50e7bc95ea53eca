"""Whole sites as Jekyll, Hugo and Pelican keep them, collected with nothing configured but the path."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hairfeed.collect.folder.address_patterns import latin, urlized
from hairfeed.models.articles import Article
from hairfeed.models.reports import RunState
from hairfeed.store import articles
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication

SITE = "https://hair.example.org"
_THINGS = ("Scalp", "Comb", "Curl", "Brush", "Fringe", "Braid", "Größe", "Dry Hair", "Hair at 50+", "O'Hair")
_DEEDS = ("Care", "Myths", "Questions & Answers", "in Winter", "After Illness", "(Explained)", "for Beginners")
_SENTENCES = (
    "Wash it gently and let it dry in the air.",
    "Most people notice a change after some weeks.",
    "Ask a doctor when the skin is red or sore.",
    "A wide comb does less harm than a brush.",
    "Heat makes dry hair break sooner.",
)


@dataclass(frozen=True, slots=True)
class Written:
    """An article as its author meant it."""

    title: str
    on: date
    topic: str


def writings(seed: int, count: int) -> list[Written]:
    """Articles of another title each, dated over some years."""
    choice = random.Random(seed)
    first = date(2018, 1, 1)
    return [
        Written(
            f"{choice.choice(_THINGS)} {choice.choice(_DEEDS)} {number}",
            first + timedelta(days=choice.randrange(2000)),
            choice.choice(("Hair Care", "Scalp", "Styling")),
        )
        for number in range(count)
    ]


def body(seed: int, *lines: str) -> str:
    choice = random.Random(seed)
    paragraphs = [" ".join(choice.sample(_SENTENCES, 3)) for _ in range(3)]
    return "\n\n".join([*lines, *paragraphs]) + "\n"


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def jekyll(root: Path) -> dict[str, Written]:
    """A site of Jekyll's; its articles by their address."""
    write(root, "_config.yml", "title: Hair\npermalink: pretty\nexclude: [vendor]\n")
    write(root, "README.md", "# How to build\n\nRun it.\n")
    write(root, "about.md", "---\ntitle: About\ndate: 2024-01-01\n---\nNot an article.\n")
    write(root, "_drafts/unfinished.md", "---\ntitle: Unfinished\n---\nNot yet.\n")
    write(root, "_site/2018/old/index.html", "<h1>Built</h1><p>Made of something else.</p>")
    write(root, "_posts/2020-01-01-hidden.md", "---\ntitle: Hidden\npublished: false\n---\nNot shown.\n")
    expected = {}
    for number, written in enumerate(writings(1, 120)):
        slug = urlized(written.title).replace("&", "and")
        in_folder = number % 3 == 0
        categories = "" if in_folder else f"category: {written.topic}\n"
        folder = f"{written.topic}/_posts" if in_folder else "_posts"
        text = body(number, "{% include note.html %}", "See [that]({% post_url 2018-01-01-x %}) first.{: .lead}")
        write(root, f"{folder}/{written.on}-{slug}.md", f'---\ntitle: "{written.title}"\n{categories}---\n{text}')
        category = written.topic.lower().replace(" ", "%20")
        expected[f"/{category}/{written.on:%Y/%m/%d}/{quoted(slug)}/"] = written
    return expected


def hugo(root: Path) -> dict[str, Written]:
    """A site of Hugo's; its articles by their address."""
    write(
        root, "hugo.toml", "title = 'Hair'\nbaseURL = 'https://hair.example.org/'\n[permalinks]\nposts = '/:year/:month/:slug/'\n"
    )
    write(root, "content/_index.md", "---\ntitle: Home\n---\nWelcome.\n")
    write(root, "content/posts/_index.md", "---\ntitle: All Posts\n---\nA list.\n")
    write(root, "content/about.md", "---\ntitle: About\n---\nNot an article.\n")
    write(root, "content/posts/draft.md", '+++\ntitle = "Draft"\ndraft = true\ndate = 2020-01-01\n+++\nNot yet.\n')
    write(root, "content/posts/past.md", '+++\ntitle = "Past"\ndate = 2020-01-01\nexpiryDate = 2021-01-01\n+++\nNo more.\n')
    write(root, "themes/plain/content/posts/sample.md", '+++\ntitle = "Sample"\ndate = 2020-01-01\n+++\nOf the theme.\n')
    write(root, "public/posts/built/index.html", "<h1>Built</h1><p>Made of something else.</p>")
    expected = {}
    for number, written in enumerate(writings(2, 120)):
        slug = f"slug = 'own-{number}'\n" if number % 4 == 0 else ""
        name = f"note-{number}/index.md" if number % 2 else f"note-{number}.md"
        front = f'+++\ntitle = "{written.title}"\ndate = {written.on}T08:00:00Z\n{slug}categories = ["{written.topic}"]\n+++\n'
        write(root, f"content/posts/{name}", front + body(number, '{{< figure src="/a.jpg" alt="A comb" >}}'))
        if number % 2:
            write(root, f"content/posts/note-{number}/sources.md", "---\ntitle: Sources\n---\nBelongs to the page above.\n")
        last = f"own-{number}" if slug else urlized(written.title)
        expected[f"/{written.on:%Y/%m}/{quoted(last)}/"] = written
    return expected


def pelican(root: Path) -> dict[str, Written]:
    """A site of Pelican's; its articles by their address."""
    write(
        root, "pelicanconf.py", "import os\nPATH = 'content'\nARTICLE_URL = '{category}/{date:%Y}/{slug}.html'\nTIMEZONE = 'UTC'\n"
    )
    write(root, "content/pages/about.md", "Title: About\nDate: 2024-01-01\n\nNot an article.\n")
    write(root, "content/Scalp/draft.md", "Title: Draft\nDate: 2020-01-01\nStatus: draft\n\nNot yet.\n")
    write(root, "output/scalp/built.html", "<h1>Built</h1><p>Made of something else.</p>")
    expected = {}
    for number, written in enumerate(writings(3, 120)):
        text = body(number, "[TOC]", "![A comb]({static}/images/comb.jpg)")
        headers = f"Title: {written.title}\nDate: {written.on} 10:20\nModified: 2024-01-01\nTags: hair, care\n"
        write(root, f"content/{written.topic}/note-{number}.md", f"{headers}\n{text}")
        expected[f"/{latin(written.topic)}/{written.on.year}/{latin(written.title)}.html"] = written
    return expected


def quoted(slug: str) -> str:
    return slug.replace("ö", "%C3%B6").replace("ß", "%C3%9F")


def live(publication: Publication) -> list[Article]:
    ledger = publication.ledger()
    with ledger.read() as connection:
        shown = articles.live(connection, 1000)
    ledger.close()
    return shown


@pytest.mark.parametrize("make", [jekyll, hugo, pelican])
def test_a_site_needs_no_more_than_its_path(publication: Publication, make: Callable[[Path], dict[str, Written]]) -> None:
    expected = make(publication.articles)
    report = publication.run()
    assert (report.state, report.collect.new, report.collect.warnings) == (RunState.DONE, 120, ())
    found = {
        article.url.removeprefix(SITE): Written(article.title, article.published_on, article.topics[0])
        for article in live(publication)
    }
    assert found == expected
    for article in live(publication):
        assert not re.search(r"\{[{%:<s]|\[TOC\]", article.html)
        assert article.summary.startswith(_SENTENCES) or article.summary.startswith("See that first.")


@pytest.mark.parametrize("below", ["content", "content/posts"])
def test_the_path_may_lead_into_the_project(publication: Publication, below: str) -> None:
    expected = hugo(publication.folder)
    publication.configure('path = "../articles"', f'path = "../{below}"')
    assert publication.run().collect.new == 120
    assert {article.url.removeprefix(SITE) for article in live(publication)} == set(expected)


def test_another_permalink_changes_addresses_and_keeps_articles(publication: Publication) -> None:
    jekyll(publication.articles)
    publication.run()
    before = {article.title: article.guid for article in live(publication)}
    write(publication.articles, "_config.yml", "permalink: /:year/:title/\n")
    assert publication.run(NEXT_FRIDAY).collect.new == 0
    after = live(publication)
    assert {article.title: article.guid for article in after} == before
    assert all(article.url.count("/") == 5 for article in after)


def test_a_pattern_in_the_config_wins(publication: Publication) -> None:
    write(publication.articles, "_config.yml", "permalink: pretty\n")
    write(publication.articles, "_posts/2024-08-05-wash.md", "---\ntitle: A\ncategory: Care\n---\nText.\n")
    publication.configure('path = "../articles"', 'path = "../articles"\nurl = "https://x.example/{category}/{year}/{slug}/"')
    publication.run()
    assert [article.url for article in live(publication)] == ["https://x.example/care/2024/wash/"]


def test_a_config_that_breaks_changes_nothing(publication: Publication) -> None:
    write(publication.articles, "_config.yml", "permalink: pretty\n")
    write(publication.articles, "_posts/2024-08-05-wash.md", "---\ntitle: A\n---\nText.\n")
    publication.run()
    before = live(publication)
    write(publication.articles, "_config.yml", "permalink: [\n")
    report = publication.run(NEXT_FRIDAY)
    assert [failure.where for failure in report.collect.failures] == ["source articles"]
    assert live(publication) == before


def test_an_article_goes_when_it_expires_though_nobody_touches_it(publication: Publication) -> None:
    for name, expiry in (("a", "2024-08-12"), ("b", "2030-01-01")):
        write(
            publication.articles,
            f"{name}.md",
            f"---\ntitle: {name}\ndate: 2024-08-01\nexpiryDate: {expiry}\n---\nText of {name}.\n",
        )
    publication.run(FRIDAY)
    assert sorted(article.title for article in live(publication)) == ["a", "b"]
    for day in (16, 17):
        publication.run(datetime(2024, 8, day, 9, tzinfo=UTC))
    assert [article.title for article in live(publication)] == ["b"]


def test_an_expiry_that_cannot_be_told_is_reported(publication: Publication) -> None:
    write(publication.articles, "a.md", "---\ntitle: A\ndate: 2024-08-01\nexpiryDate: soon\n---\nText.\n")
    (warning,) = publication.run().collect.warnings
    assert "expiry date that cannot be told" in warning.what
    assert live(publication) == []
