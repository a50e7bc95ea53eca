"""Mails to try templates with: between them they have everything that a mail can have, and everything it can lack."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from hairfeed.digest.content import Correction, DigestArticle, DigestContent, Fact, Letter, Link, Notice, Occasion, Picture
from hairfeed.settings import Settings
from hairfeed.settings.newsletters import Newsletter
from hairfeed.text.merge import Placeholder, address_token

_DAY = date(2024, 8, 9)
_SUMMARY = (
    "A sample summary, as long as they usually are: two or three sentences of the article's own words, "
    "so that nobody has to guess what it is about before following the link to the rest of it."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail to try, and what it is called when something is wrong with it."""

    name: str
    content: DigestContent | Letter | Notice


def samples(settings: Settings, newsletter: Newsletter, language: str) -> Iterator[Sample]:
    """Issues of a newsletter, and letters about it, in a language."""
    everything = _everything(settings, newsletter, language)
    bare = replace(
        everything,
        newsletter=newsletter.model_copy(update={"greeting": False}),
        featured=[_article(settings, number) for number in (1, 2)],
        also=(),
        corrections=(),
        logo=None,
        logo_dark=None,
        preferences_url=None,
        archive_url=None,
        trimmed=0,
    )
    yield Sample("an issue with everything", everything)
    yield Sample("an issue with nothing but articles", bare)
    yield Sample(
        "an issue with one article", replace(everything, featured=everything.featured[:1], also=(), corrections=(), trimmed=0)
    )
    yield Sample("an issue with articles that lack all they can", replace(bare, featured=[_least(settings)]))
    for kind in Occasion:
        yield Sample(f"the {kind}", _letter(settings, newsletter, language, kind))


def notices(settings: Settings) -> Iterator[Sample]:
    """Notices to the operator."""
    notice = Notice(settings.site, "A sample notice", ["Something happened, and this says what to do about it."])
    yield Sample("a notice", notice)
    yield Sample("a notice with facts", replace(notice, facts=[Fact("Articles", "12"), Fact("Readers", "3,456")]))


def _everything(settings: Settings, newsletter: Newsletter, language: str) -> DigestContent:
    site = settings.site
    return DigestContent(
        site=site,
        newsletter=newsletter.model_copy(update={"greeting": True}),
        number=12,
        issued_on=_DAY,
        language=language,
        featured=[_illustrated(settings, number) for number in range(1, newsletter.max_articles + 1)],
        also=[_article(settings, number) for number in (101, 102)],
        unsubscribe_url=address_token(Placeholder.UNSUBSCRIBE),
        feed_url=f"{settings.feeds.url}/feed.rss",
        corrections=[Correction("A sample correction", f"{site.url}/sample-correction", _DAY)],
        logo=Picture(f"{site.url}/sample-logo.png", settings.look.logo_width, 40, site.title),
        logo_dark=Picture(f"{site.url}/sample-logo-dark.png", settings.look.logo_width, 40, site.title),
        preferences_url=address_token(Placeholder.PREFERENCES),
        archive_url=f"{site.url}/sample-issue",
        trimmed=2,
    )


def _article(settings: Settings, number: int) -> DigestArticle:
    return DigestArticle(
        id=number,
        title=f"Sample Article {number}",
        url=f"{settings.site.url}/sample-{number}",
        summary=_SUMMARY,
        topics=("Samples",),
        authors=(settings.site.author,),
        published_on=_DAY,
    )


def _illustrated(settings: Settings, number: int) -> DigestArticle:
    url = settings.site.url
    return replace(
        _article(settings, number),
        picture=Picture(f"{url}/sample-{number}.jpg", 504, 284, f"Sample picture {number}" if number % 2 else ""),
        related=(Link("A Sample Relative", f"{url}/sample-relative"),),
        read_all=Link("Samples", f"{url}/samples"),
    )


def _least(settings: Settings) -> DigestArticle:
    return replace(_article(settings, 1), summary="", topics=(), authors=())


def _letter(settings: Settings, newsletter: Newsletter, language: str, kind: Occasion) -> Letter:
    is_read = kind in {Occasion.WELCOME, Occasion.STAY}
    return Letter(
        kind=kind,
        site=settings.site,
        newsletter=newsletter,
        language=language,
        action_url=f"{settings.site.url}/sample-page",
        feed_url=f"{settings.feeds.url}/feed.rss",
        expires_on=_DAY if kind in {Occasion.CONFIRMATION, Occasion.STAY} else None,
        unsubscribe_url=address_token(Placeholder.UNSUBSCRIBE) if is_read else None,
        preferences_url=address_token(Placeholder.PREFERENCES) if is_read else None,
    )
