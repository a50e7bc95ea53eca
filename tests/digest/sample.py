"""A fixed digest, and the pieces to make others of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hairfeed.digest.content import DigestArticle, DigestContent
from hairfeed.settings.newsletters import Newsletter
from hairfeed.settings.site import Site

SITE = Site.model_validate(
    {
        "title": "HairFEAR",
        "url": "https://hairfear.com",
        "timezone": "America/New_York",
        "author": "HairFear",
        "postal_address": "HairFEAR, 1 Example Street, Springfield",
        "notice": "General information, not medical advice.",
        "privacy_url": "https://hairfear.com/privacy",
    }
)
NEWSLETTER = Newsletter.model_validate({"title": "HairFEAR Weekly", "schedule": "Fri 08:00"})


def an_article(number: int = 1, title: str = "How Hair Grows", summary: str = "Every hair takes its turn.") -> DigestArticle:
    """A short article; `number` makes its address and day."""
    day = date(2024, 8, 1 + number % 28)
    return DigestArticle(
        id=number,
        url=f"https://hairfear.com/{number}",
        title=title,
        authors=("HairFear",),
        topics=("Hair Care",),
        summary=summary,
        published_on=day,
    )


def a_digest(featured: Sequence[DigestArticle], also: Sequence[DigestArticle] = ()) -> DigestContent:
    """Issue 12 with these articles."""
    return DigestContent(
        site=SITE,
        newsletter=NEWSLETTER,
        number=12,
        issued_on=date(2024, 8, 9),
        language="en",
        featured=featured,
        also=also,
        unsubscribe_url="mailto:editor@hairfear.com?subject=Unsubscribe%20weekly",
        feed_url="https://hairfear.com/feeds/feed.rss",
    )


SUMMARY = (
    "The scalp is skin, and in summer it sweats, burns and itches like the rest of it. "
    "It only gets less attention, because it is hidden."
)
DIGEST = a_digest(
    featured=[
        replace(an_article(7, "A Comfortable Scalp in Hot Weather", SUMMARY), topics=("Scalp Care",)),
        an_article(6, "Hair at the Beach: Sun, Salt & Chlorine", 'A "week" by the water: 1.5\u00a0l < 2\u00a0l, and it\'s enough.'),
        replace(an_article(5, "Größe, Ωmega und 髪", ""), topics=(), url="https://hairfear.com/a?b=1&c=2"),
    ],
    also=[an_article(4, "Dandruff or a Dry Scalp?"), an_article(3, "An Address Nobody Can Break: " + "long-" * 20 + "word")],
)


def a_long_digest(count: int) -> DigestContent:
    """`count` articles with summaries of the usual length."""
    return a_digest([an_article(number, f"{number}. A Title of an Ordinary Length", SUMMARY) for number in range(count)])
