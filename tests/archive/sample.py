"""Pages of issues that are hard to lay out, and the settings they are made with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from hairfeed.archive.issue_pages import IssuePages
from hairfeed.archive.plan import Issue, Neighbours
from hairfeed.store.issue_pages import Headline, IssuePage, PageArticle, PageCorrection, PageLink, PagePicture
from tests.feeds.pages import settings_with

PICTURE = PagePicture("pictures/0123456789abcdef0123.png", 504, 284, 'A brush & a "comb"')
ISSUE = Issue("weekly", 12)
BETWEEN = Neighbours(Issue("weekly", 11), Issue("weekly", 13))

SUMMARY = "The scalp is skin, and in summer it sweats, burns and itches like the rest of it. It only gets less attention."
_LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


def article(number: int, title: str, summary: str = SUMMARY, picture: PagePicture | None = None) -> PageArticle:
    """An article of the eighth month."""
    day = date(2024, 8, number)
    return PageArticle(title, f"https://hair.example.org/{number}", summary, ("Hair Care",), ("The Editor",), day, picture)


PAGE = IssuePage(
    newsletter="Plain Hair Weekly",
    subject="A Comfortable Scalp + 4 more",
    issued_on=date(2024, 8, 9),
    featured=[
        article(7, "A Comfortable Scalp in Hot Weather", picture=PICTURE),
        article(6, "Hair at the Beach: Sun, Salt & <Chlorine>", 'A "week" by the water: 1.5\u00a0l < 2\u00a0l.'),
        replace(article(5, "Größe, Ωmega und 髪", ""), topics=(), authors=()),
    ],
    also=[
        PageLink("Dandruff or a Dry Scalp?", "https://hair.example.org/dandruff"),
        PageLink("Brushing", "https://hair.example.org/b"),
    ],
    corrections=[PageCorrection("How Hair Grows", "https://hair.example.org/grows", date(2024, 8, 8))],
)
_ARABIC = replace(
    PAGE,
    newsletter="الشعر ببساطة",
    subject="فروة رأس مريحة",
    featured=[
        article(7, "فروة رأس مريحة في الحر", "فروة الرأس جلد، وفي الصيف تتعرق وتحترق.", PICTURE),
        article(6, "Sun, Salt & Chlorine"),
    ],
)
_LONG = replace(
    PAGE,
    newsletter="Everything that everybody who has hair ought to know about it before the summer comes, " * 2,
    featured=[article(7, _LONG_WORD, f"{_LONG_WORD} " * 4, PagePicture(PICTURE.path, 40, 1800, ""))],
    also=[PageLink(_LONG_WORD, "https://hair.example.org/long")],
)


def hard_pages(folder: Path) -> Mapping[str, bytes]:
    """Pages by name: whole, alone, right to left, of a language that HairFeed does not speak, of long words; and lists."""
    english, arabic = IssuePages(settings_with(folder)), IssuePages(settings_with(folder, language="ar", title="الشعر ببساطة"))
    dutch = IssuePages(settings_with(folder, language="nl"))
    headlines = [
        Headline(number, PAGE.newsletter, f"Subject number {number}", date(2024, 1, number)) for number in range(30, 0, -1)
    ]
    return {
        "issue.html": english.issue(ISSUE, PAGE, BETWEEN),
        "issue-alone.html": english.issue(ISSUE, replace(PAGE, also=(), corrections=()), Neighbours()),
        "issue-rtl.html": arabic.issue(ISSUE, _ARABIC, BETWEEN),
        "issue-nl.html": dutch.issue(ISSUE, PAGE, BETWEEN),
        "issue-long.html": english.issue(ISSUE, _LONG, BETWEEN),
        "issues.html": english.index("weekly", headlines),
        "issues-rtl.html": arabic.index("weekly", [replace(headlines[0], newsletter=_ARABIC.newsletter, subject=_ARABIC.subject)]),
        "issues-nl.html": dutch.index("weekly", headlines[:2]),
    }
