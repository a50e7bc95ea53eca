"""Pages to measure with: as many as you like, the same ones every time.

`python benchmarks/pages.py FOLDER --count 100 --form md` writes some to look at.
"""

import argparse
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

SITE_URL = "https://hair.example.org"
CATEGORIES = ("Hair Care", "Scalp", "Styling", "Colour", "Hair Loss", "Nutrition", "Products", "Questions")

Form = Literal["md", "txt"]

_SEED = 20240808
_NEWEST = datetime(2024, 8, 8, 12, 0)  # noqa: DTZ001 - as an author prints it: in the site's zone
_APART = timedelta(hours=13, minutes=7)
_AUTHORS = ("Ada Winter", "Bo Lindqvist", "Chloé Martin", "Dana Okafor", "HairFear")

_WHO = ("A dry scalp", "Fine hair", "A gentle shampoo", "The first wash", "A wide comb", "Warm water", "An old brush", "Curly hair")
_DOES = ("needs", "rarely likes", "can do without", "is helped by", "often suffers from", "gets used to", "looks better after")
_WHAT = (
    "a few days of rest",
    "less heat than most people use",
    "a rinse that takes its time",
    "oils from the kitchen shelf",
    "air that is neither dry nor cold",
    "regular trims every other month",
    "a routine of three small steps",
    "what the label calls “mild” & means it",
)
_WHY = (
    "because roots grow slowly",
    "though nobody notices at first",
    "when the season changes",
    "as any barber knows",
    "in most homes",
)
_TOPICS = ("washing", "brushing", "drying", "colouring", "shedding", "sleeping", "swimming", "braiding")


@dataclass(frozen=True, slots=True)
class Article:
    """One article's words, before a form."""

    number: int
    title: str
    category: str
    author: str
    dated: datetime
    paragraphs: tuple[str, ...]
    steps: tuple[str, ...]

    @property
    def slug(self) -> str:
        """Its file's name, and the end of its address."""
        return f"on-{self.title.split()[1].lower()}-{self.number}"


def write_pages(folder: Path, count: int, form: Form) -> None:
    """Write `count` pages below `folder`, one folder a year; the first is the newest, and all have different dates."""
    write = {"md": _markdown, "txt": _text}[form]
    for number in range(1, count + 1):
        article = _article(number)
        path = folder / f"{article.dated:%Y}" / f"{article.slug}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write(article), encoding="utf-8")


def _article(number: int) -> Article:
    # Each page has a generator of its own: the first hundred are the same ones whatever the count.
    chance = random.Random(_SEED + number)
    first, second = chance.sample(_TOPICS, 2)
    return Article(
        number=number,
        # Nothing that front matter would want quoted: Python-Markdown keeps the quotes.
        title=f"On {first} and {second}, part {number} and {chance.choice(_WHO).lower()}",
        category=chance.choice(CATEGORIES),
        author=chance.choice(_AUTHORS),
        dated=_NEWEST - number * _APART,
        paragraphs=tuple(" ".join(sentence(chance) for _ in range(5)) for _ in range(4)),
        steps=tuple(sentence(chance) for _ in range(4)),
    )


def sentence(chance: random.Random) -> str:
    """One of some thousand sentences on hair."""
    return f"{chance.choice(_WHO)} {chance.choice(_DOES)} {chance.choice(_WHAT)}, {chance.choice(_WHY)}."


def _markdown(article: Article) -> str:
    """Front matter that YAML and Python-Markdown's `meta` extension read alike, then Markdown that every dialect has."""
    opening, second, third, closing = article.paragraphs
    steps = "\n".join(f"- {step}" for step in article.steps)
    return (
        f"---\ntitle: {article.title}\ndate: {article.dated:%Y-%m-%d %H:%M}\ncategory: {article.category}\n"
        f"author: {article.author}\nslug: {article.slug}\n---\n\n"
        f"{opening}\n\n## What to know\n\n**In short:** {second}\n\n"
        f"See also [the page before]({SITE_URL}/part-{article.number}?from=here&to=there), which is *older*.\n\n"
        f"## What to do\n\n{steps}\n\n{third}\n\n> {closing}\n"
    )


def _text(article: Article) -> str:
    """The publication's form: category, title, text, date line, furniture."""
    opening, second, third, closing = article.paragraphs
    steps = "\n".join(f"• {step}" for step in article.steps)
    day = f"{article.dated.day}-{article.dated.month}-{article.dated.year}"
    return (
        f"{article.category}\n\n{article.title}\n\n{opening}\n\nWhat to know\n\n{second}\n\nWhat to do\n\n{steps}\n\n{third}\n\n"
        f"{closing}\n\n\n\n{article.author} - {day}\n\n\n\n"
        f"Related {article.category} Articles\n\nRead All {article.category} Articles\n"
    )


def main() -> None:
    """Write pages to look at."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--form", choices=("md", "txt"), default="md")
    arguments = parser.parse_args()
    write_pages(arguments.folder, arguments.count, arguments.form)


if __name__ == "__main__":
    main()
