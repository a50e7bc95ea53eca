"""The subscribe form as plain HTML, for the site's own pages."""

from hairfeed.errors import SettingsError
from hairfeed.settings import Settings
from hairfeed.templates import TemplateSet
from hairfeed.text.translations import translations
from hairfeed.web.joining import TRAP, wording, wording_version


def snippet(settings: Settings, language: str) -> str:
    """The form, in a language of HairFeed's words, or else in the site's.

    Raises:
        SettingsError: there are no subscribe pages that it could lead to.
    """
    if settings.web is None:
        raise SettingsError(["there are no subscribe pages: the config has no section [web] with a url"])
    words = translations(language or settings.site.language)
    names = {
        "base": settings.web.url,
        "newsletters": [{"name": name, "title": one.title} for name, one in settings.newsletters.items()],
        "language": words.language,
        "direction": words.direction,
        "wording": wording(words),
        "version": wording_version(words),
        "trap": TRAP,
    }
    return TemplateSet(settings.site.templates, "web", {}, words).fill("snippet.html", names)
