"""What the public page of an issue says, and where it is."""

from hairfeed.digest.content import DigestArticle, DigestContent, Picture
from hairfeed.settings import Settings
from hairfeed.shelf import issue_folder, url_of
from hairfeed.store.issue_pages import IssuePage, PageArticle, PageCorrection, PageLink, PagePicture


def page_url(settings: Settings, newsletter: str, number: int) -> str | None:
    """The address of an issue's public page; None where the config wants none. It is there before the first mail goes out."""
    return url_of(issue_folder(newsletter, number), settings.feeds) if settings.archive.pages else None


def public_page(content: DigestContent, subject: str, settings: Settings) -> IssuePage:
    """What the page says: `content` is the rendering for all, before anything was trimmed or marked for a campaign."""
    return IssuePage(
        newsletter=content.newsletter.title,
        subject=subject,
        issued_on=content.issued_on,
        featured=[_article(article, settings) for article in content.featured],
        also=[PageLink(article.title, article.url) for article in content.also],
        corrections=[PageCorrection(one.title, one.url, one.corrected_on) for one in content.corrections],
    )


def _article(article: DigestArticle, settings: Settings) -> PageArticle:
    return PageArticle(
        title=article.title,
        url=article.url,
        summary=article.summary,
        topics=article.topics,
        authors=article.authors,
        published_on=article.published_on,
        picture=_picture(article.picture, settings) if article.picture else None,
    )


def _picture(picture: Picture, settings: Settings) -> PagePicture:
    # The site may move; the page and its pictures move together.
    path = picture.url.removeprefix(url_of("", settings.feeds))
    return PagePicture(path, picture.width, picture.height, picture.alt)
