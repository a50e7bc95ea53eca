"""The life of a publication, sixty passes long, as its subscribers see it.

What happens is drawn with a fixed seed. After each pass everybody who polls looks, and holds what is found against all that
they ever saw: an id is one article for ever, with one date; what was published is found; what left does not come back as new; an
article is updated when its text is another one and never else; the feed is the same feed, wherever it moves.
"""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from lxml import etree

from tests.conftest import FRIDAY, Publication
from tests.feeds.readers import NAMESPACES, read_atom, read_json, read_own_id, read_rss, read_updates

PASSES = 60
ITEMS = 7
KINDS_OF_EVENTS = 14
READ = {"rss": read_rss, "atom": read_atom, "json": read_json}
MARK = re.compile(r"article-(\d+)-")
"""In every text, whatever its edits: which article it is."""


@dataclass
class Story:
    """An article as its author knows it."""

    number: int
    path: Path
    title: str
    date: date
    category: str
    body: str
    is_out: bool = False
    """Whether it was removed from its folder."""
    edits: int = 0
    """How often its text became another one."""

    def write(self) -> None:
        """Put the page where it belongs."""
        day = f"{self.date.day}-{self.date.month}-{self.date.year}"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(f"{self.category}\n\n{self.title}\n\n{self.body}\n\n\n\nPlain Hair - {day}\n", encoding="utf-8")


@dataclass
class Subscriber:
    """Somebody who reads one format of one feed, and keeps everything."""

    kind: str
    every: int = 1
    """Passes from one look to the next."""
    follows: bool = False
    """Whether archive documents are read until one is known."""
    articles: dict[str, int] = field(default_factory=dict)
    """By id: the number of the article."""
    published: dict[str, datetime] = field(default_factory=dict)
    """By id."""
    documents: dict[str, bytes] = field(default_factory=dict)
    """Archive documents by their paths: what was in them when they were read."""
    updates: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """By id: how often the article had been edited when its last update was read, and when that was."""
    own_ids: set[str | None] = field(default_factory=set)
    """What the feed and its documents called themselves."""

    def look(self, public: Path, host: str, edits: Sequence[int]) -> set[int]:
        """Read the feed, and the archive as far as it is unknown; the numbers of the articles that were found.

        `edits` are those of each article until now.
        """
        found = set()
        path: str | None = f"feed.{self.kind}"
        while path is not None:
            content = (public / path).read_bytes()
            if path.startswith("archive/"):
                assert self.documents.setdefault(path, content) == content, f"{path} is another document than it was"
            found |= self._read(content)
            self._read_updates(content, edits)
            self.own_ids.add(read_own_id(content))
            assert len(self.own_ids) == 1, "the feed is another one"
            path = self._before(content, host) if self.follows else None
        return found

    def _read(self, content: bytes) -> set[int]:
        entries = READ[self.kind](content).articles
        assert len({entry.guid for entry in entries}) == len(entries), "an id twice in one feed"
        numbers = set()
        for entry in entries:
            number = number_of(entry.html)
            assert number not in numbers, f"article {number} is twice in one feed"
            numbers.add(number)
            assert self.articles.setdefault(entry.guid, number) == number, f"{entry.guid} was another article"
            assert self.published.setdefault(entry.guid, entry.published_at) == entry.published_at, f"{entry.guid} is redated"
        by_number = {number: guid for guid, number in self.articles.items()}
        assert len(by_number) == len(self.articles), "an article has a second id, and is new to a reader"
        return numbers

    def _read_updates(self, content: bytes, edits: Sequence[int]) -> None:
        for guid, updated_at in read_updates(content).items():
            count = edits[self.articles[guid]]
            known, known_at = self.updates.setdefault(guid, (count, updated_at))
            assert (updated_at > known_at) == (count > known), f"{guid} had {known} edits at {known_at}, {count} at {updated_at}"
            assert updated_at >= known_at
            self.updates[guid] = count, updated_at

    def _before(self, content: bytes, host: str) -> str | None:
        if self.kind == "json":
            address = json.loads(content).get("next_url")
        else:
            address = next(
                iter(etree.fromstring(content).xpath("//atom:link[@rel='prev-archive']/@href", namespaces=NAMESPACES)), None
            )
        assert address is None or str(address).startswith(f"https://{host}/feeds/archive/")
        return str(address).removeprefix(f"https://{host}/feeds/") if address else None


def number_of(html: str) -> int:
    """Which article a text is."""
    found = MARK.search(html)
    assert found is not None
    return int(found[1])


class Life:
    """A publication to which things happen."""

    def __init__(self, publication: Publication, seed: int) -> None:
        """It begins with more articles than a feed holds."""
        self.publication = publication
        self.chance = random.Random(seed)
        self.host = "hair.example.org"
        self.stories: list[Story] = []
        self.now = FRIDAY
        self.settings = 0
        self.flood: set[int] = set()
        """What came as another source's archive: more than a feed holds."""
        publication.configure("[newsletters", f"items = {ITEMS}\ncategories = false\nauthors = false\n\n[newsletters")
        publication.configure('path = "../articles"', 'path = "../articles"\ndate_order = "DMY"')
        for _ in range(ITEMS + 3):
            self.add()

    def happen(self, number: int) -> str:
        """Something that is due at pass `number`, or by chance."""
        due = {12: self.move_host, 20: self.add_source, 27: self.rename_category, 41: self.move_host, 50: self.change_items}
        event = due.get(number) or self.chance.choice(
            (
                self.add,
                self.add,
                self.add_two,
                self.edit,
                self.edit,
                self.touch,
                self.remove,
                self.remove,
                self.bring_back,
                self.rename,
                self.rename,
                self.add_long_ago,
                self.change_settings,
                self.rest,
            )
        )
        event()
        return event.__name__

    def add(self, folder: str = "articles", days_ago: int = 0) -> None:
        """A new article, dated today or before."""
        number = len(self.stories)
        path = self.publication.folder / folder / f"page-{number}.txt"
        day = (self.now - timedelta(days=days_ago)).date()
        category = self.chance.choice(("Hair Care", "Scalp Care", "Colour"))
        body = f"This is article-{number}- of the publication. It says what nobody else says about {number} hairs."
        story = Story(number, path, f"About {number} hairs", day, category, body)
        story.write()
        self.stories.append(story)

    def add_two(self) -> None:
        """Two at once."""
        self.add()
        self.add()

    def add_long_ago(self) -> None:
        """An article dated long ago."""
        self.add(days_ago=self.chance.randrange(400, 4000))

    def edit(self) -> None:
        """The text is another one."""
        story = self._one(is_out=False)
        story.body += f" Now it says {self.chance.randrange(10**6)} more."
        story.title = self.chance.choice((story.title, f"{story.title}!"))
        story.edits += 1
        story.write()

    def touch(self) -> None:
        """The text is the same, the file is not: an empty line more, another topic."""
        story = self._one(is_out=False)
        story.category = self.chance.choice(("Hair Care", "Scalp Care"))
        story.body = story.body.replace(". It", ".  It")
        story.write()

    def remove(self) -> None:
        """An article is gone."""
        story = self._one(is_out=False)
        story.path.unlink()
        story.is_out = True

    def bring_back(self) -> None:
        """An article that was gone, perhaps under another name."""
        if any(story.is_out for story in self.stories):
            story = self._one(is_out=True)
            story.path = self.chance.choice((story.path, story.path.with_stem(f"{story.path.stem}-again")))
            story.is_out = False
            story.write()

    def rename(self) -> None:
        """An article has another slug, and so another address."""
        story = self._one(is_out=False)
        story.path = story.path.rename(story.path.with_stem(f"{story.path.stem}-x"))

    def rename_category(self) -> None:
        """A category has another name."""
        for story in self.stories:
            if story.category == "Colour" and not story.is_out:
                story.category = "Dyes and Tints"
                story.write()

    def move_host(self) -> None:
        """The site and its feeds are at another host."""
        host = f"new{len(self.stories)}.example.com"
        self.publication.configure(f"https://{self.host}", f"https://{host}")
        self.host = host

    def change_settings(self) -> None:
        """Another title, on every feed."""
        self.publication.configure(
            'title = "Plain Hair' + "!" * self.settings + '"', 'title = "Plain Hair' + "!" * (self.settings + 1) + '"'
        )
        self.settings += 1

    def change_items(self) -> None:
        """Fewer articles in a feed: all documents are others."""
        self.publication.configure(f"items = {ITEMS}", f"items = {ITEMS - 2}")

    def add_source(self) -> None:
        """A second folder, with an archive."""
        (self.publication.folder / "archive").mkdir()
        section = '\n[sources.archive]\ntype = "folder"\npath = "../archive"\ndate_order = "DMY"\nurl = "https://archive.example.org/{path}"\n\n[feeds]'
        self.publication.configure("\n[feeds]", section)
        self.flood = set(range(len(self.stories), len(self.stories) + 2 * ITEMS))
        for _ in self.flood:
            self.add("archive", self.chance.randrange(400, 4000))

    def rest(self) -> None:
        """Nothing."""

    def _one(self, *, is_out: bool) -> Story:
        return self.chance.choice([story for story in self.stories if story.is_out == is_out])


def test_nobody_misses_an_article_or_sees_one_twice(publication: Publication) -> None:
    life = Life(publication, seed=1)
    every_pass = [Subscriber(kind) for kind in READ]
    now_and_then = [Subscriber(kind, every=7, follows=True) for kind in READ]
    first_new = len(life.stories)
    ids: dict[int, str] = {}
    documents: dict[str, bytes] = {}
    events: list[str] = []
    for number in range(PASSES):
        if number:
            events.append(life.happen(number))
        life.now += timedelta(days=1)
        report = publication.run(life.now)
        assert not report.publish.failures
        for path in (publication.public / "archive").glob("*"):
            assert documents.setdefault(path.name, path.read_bytes()) == path.read_bytes(), (path.name, events)
        there = {story.number for story in life.stories if not story.is_out}
        edits = [story.edits for story in life.stories]
        for subscriber in every_pass:
            subscriber.look(publication.public, life.host, edits)
            new = {number for number in there if number >= first_new} - life.flood
            assert new <= set(subscriber.articles.values()), (subscriber.kind, new - set(subscriber.articles.values()), events)
        for subscriber in now_and_then:
            if number % subscriber.every == 0:
                assert subscriber.look(publication.public, life.host, edits) >= there, (subscriber.kind, events)
        for guid, article in (pair for one in (*every_pass, *now_and_then) for pair in one.articles.items()):
            assert ids.setdefault(article, guid) == guid, (article, events)
    assert len(set(events)) == KINDS_OF_EVENTS
