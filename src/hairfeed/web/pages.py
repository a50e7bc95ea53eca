"""The pages for readers: filled in, with the header fields that keep them private.

The templates are Jinja2's, in `templates/web/`: `join.html`, `confirm.html`, `preferences.html`, `leave.html` and `notice.html`
fill the frame `reader.html`, which takes in `style.css` and `form.css`. A copy in your own folder comes first. All may use

- `site`: `title`, `url`, `language` and what else `[site]` holds; `base`: the subscribe page's address, without a slash at its end;
- `language` and `direction` of HairFeed's own words, which Jinja2's `trans` and `gettext` put into the reader's language;
- `own`: attributes for the site's own words, where they are in another language;
- `languages`: others that the page can be had in, with `tag` and `name`;
- `here`: where the page's form goes, with `language` as its `lang`: the proof of consent has the words that stood there;
- `style`: all of its style; `script`: all of its script, usually none.

What else each may use stands at its top. A name that is none of these is an error.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.templates import TemplateSet, csp_hash
from hairfeed.text.translations import Translations, direction_of, languages, translations
from hairfeed.web.negotiation import best_language

PRIVATE = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",  # the address of a page may hold a reader's link
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Header fields of every answer to a reader."""
_LONGEST_ACCEPTED = 200
"""Characters of `Accept-Language` that are read."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language that a page can be had in."""

    tag: str
    name: str
    """In itself."""


class Pages:
    """Every page that a reader sees."""

    def __init__(self, settings: Settings, web: Web) -> None:
        """Nothing is read yet."""
        self._settings = settings
        self.base = web.url
        self.path = urlsplit(web.url).path
        self.origins = frozenset(_origin(url) for url in (settings.site.url, web.url))
        """Where a browser says that a form or a script of ours stood: the site, and these pages themselves."""
        self._sets: dict[str, TemplateSet] = {}

    def words(self, request: Request, chosen: str = "", shown: str = "") -> Translations:
        """HairFeed's words in the reader's language: as the address asks, else as they chose, else as their browser asks.

        Before all that comes the language that was `shown`: that of the page whose form is sent, which the form names.
        """
        for asked in (shown, request.query_params.get("lang", ""), chosen):
            if self.speaks(asked):
                return translations(asked)
        site = self._settings.site.language
        accepted = best_language(request.headers.get("accept-language", "")[:_LONGEST_ACCEPTED], languages())
        return translations(accepted or site)

    def speaks(self, language: str) -> bool:
        """Whether pages can be had in it."""
        return language in languages() or language == self._settings.site.language

    def fill(self, words: Translations, here: str, name: str, names: Mapping[str, object], script: str = "") -> str:
        """The page as text; `here` is the path that it was asked for."""
        site = self._settings.site
        own = {} if site.language == words.language else {"lang": site.language, "dir": direction_of(site.language)}
        common = {
            "site": site,
            "base": self.base,
            "language": words.language,
            "direction": words.direction,
            "own": own,
            "languages": tongues(tag for tag in languages() if tag != words.language),
            "here": here,
            "style": Markup(self._style),  # noqa: S704 - our own, or the operator's
            "script": Markup(script),  # noqa: S704 - as the style
        }
        return self._templates(words).fill(name, {**common, **names})

    def page(
        self, request: Request, words: Translations, name: str, names: Mapping[str, object], status: int = 200, script: str = ""
    ) -> Response:
        """The page as an answer; `script` is what it runs."""
        text = self.fill(words, request.url.path, name, names, script)
        return HTMLResponse(
            text, status, headers=PRIVATE | {"content-security-policy": self._policy(script), "content-language": words.language}
        )

    def shared(self, request: Request) -> dict[str, str]:
        """Header fields that let scripts of the site read an answer, and nobody else's (CORS, Fetch §3.3.3)."""
        varies, origin = {"vary": "Origin, Accept-Language"}, request.headers.get("origin", "")
        if origin not in self.origins:
            return varies
        return varies | {"access-control-allow-origin": origin, "access-control-expose-headers": "Retry-After"}

    @cached_property
    def challenge_script(self) -> str:
        """What solves the challenge of the subscribe page."""
        return self._templates(translations("en")).source("challenge.js")

    @cached_property
    def form_version(self) -> str:
        """What tells one version of the subscribe form from another: a hash of its template."""
        return hashlib.sha256(self._templates(translations("en")).source("join.html").encode()).hexdigest()[:12]

    @cached_property
    def _style(self) -> str:
        templates = self._templates(translations("en"))
        return templates.fill("style.css", {}) + templates.fill("form.css", {})

    def _templates(self, words: Translations) -> TemplateSet:
        """The templates, compiled with the words of one language."""
        if words.language not in self._sets:
            self._sets[words.language] = TemplateSet(self._settings.site.templates, "web", {}, words)
        return self._sets[words.language]

    def _policy(self, script: str) -> str:
        """Nothing else runs, nothing is loaded, nobody frames the page, and its form goes nowhere else (CSP 3)."""
        runs = f"script-src {csp_hash(script)}; " if script else ""
        rest = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        return f"default-src 'none'; {runs}style-src {csp_hash(self._style)}; {rest}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def tongues(tags: Iterable[str]) -> list[Tongue]:
    """Languages by the names that their speakers give them."""
    return [_tongue(tag) for tag in tags]


@lru_cache(maxsize=256)
def _tongue(tag: str) -> Tongue:
    from babel.core import Locale, UnknownLocaleError  # whoever shows no page does not pay for it

    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Tongue(tag, tag)
    name = locale.get_display_name(locale) or tag
    return Tongue(tag, name[:1].upper() + name[1:])
