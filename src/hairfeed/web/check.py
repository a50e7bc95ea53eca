"""What `hairfeed check` looks at in the pages for readers: every template, filled with samples, before a reader meets a fault."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from hairfeed.errors import TemplateError
from hairfeed.settings import Settings
from hairfeed.settings.web import Web
from hairfeed.store.topics import Topic
from hairfeed.subscribers.offers import Offer
from hairfeed.text.translations import languages, translations
from hairfeed.web.joining import TRAP, Wish, wording, zones_to_choose
from hairfeed.web.notices import Button
from hairfeed.web.pages import Pages, tongues
from hairfeed.web.snippet import snippet

Names = Mapping[str, object]

_TITLE = "A sample newsletter"
_PRESSED: Mapping[str, Sequence[str]] = {
    "join.html": ('method="post"', 'name="email"', f'name="{TRAP}"', 'name="stamp"'),
    "confirm.html": ('method="post"', 'value="confirm"', 'name="newsletter"'),
    "preferences.html": ('method="post"', 'value="save"'),
    "leave.html": ('method="post"', 'value="leave"'),
}
"""What a page must have, or its button does nothing; by template, of its first sample."""


def reader_page_faults(settings: Settings) -> Iterator[str]:
    """What is wrong with the templates of the pages for readers: each once, with the first page that shows it."""
    if settings.web is None:
        return
    found = set()
    for language in dict.fromkeys([settings.site.language, *languages()]):
        for fault in _faults(settings, settings.web, language):
            if fault not in found:
                found.add(fault)
                yield f"{fault} (in {language})"


def _faults(settings: Settings, web: Web, language: str) -> Iterator[str]:
    pages, words = Pages(settings, web), translations(language)
    for name, samples in _samples(settings, language).items():
        for place, names in enumerate(samples):
            try:
                text = pages.fill(words, f"{urlsplit(web.url).path}/sample", name, names)
            except TemplateError as error:
                yield str(error)
                continue
            if not place:
                yield from (
                    f"web/{name}: lacks {part}, without which its button does nothing"
                    for part in _PRESSED.get(name, ())
                    if part not in text
                )
    try:
        snippet(settings, language)
    except TemplateError as error:
        yield str(error)


def _samples(settings: Settings, language: str) -> Mapping[str, Sequence[Names]]:
    """By template what it is filled with: the first has all that the page can have, the others lack what they can."""
    full = Offer("sample", _TITLE, (Topic("care", "Care"), Topic("scalp", "Scalp")), (language, "de"), local_time=True)
    bare = Offer("other", "Another one")
    button = Button("Press", action="renew")
    one_notice = {"title": "A sample", "lines": ["A line."], "titles": [_TITLE], "button": button}
    return {
        "join.html": [_join([full, bare], language, Wish(faults={"email": "A fault."})), _join([bare], language, Wish())],
        "confirm.html": [{"waiting": [{"name": "sample", "title": _TITLE}]}],
        "preferences.html": [
            _preferences(full, saved=True, fault="A fault.") | {"mine": [_mine(full), _mine(bare)]},
            _preferences(bare, saved=False, fault=None),
        ],
        "leave.html": [
            {"mine": [_TITLE], "others": True, "undo": []},
            {"mine": [], "others": False, "undo": [_TITLE]},
            {"mine": [], "others": False, "undo": []},
        ],
        "notice.html": [
            one_notice,
            one_notice | {"button": Button("Go on", url=settings.site.url)},
            one_notice | {"button": None, "titles": []},
        ],
    }


def _join(offers: Sequence[Offer], language: str, wish: Wish) -> Names:
    first = offers[0]
    return {
        "wish": wish,
        "again": "Once more." if wish.faults else None,
        "offers": offers,
        "earlier": {first.name: "https://site.example/issues/"} if first.topics else {},
        "topics": list(first.topics),
        "tongues": tongues(first.languages),
        "zones": zones_to_choose(offers),
        "wording": wording(translations(language)),
        "stamp": "sample",
        "trap": TRAP,
    }


def _preferences(offer: Offer, *, saved: bool, fault: str | None) -> dict[str, object]:
    zones = zones_to_choose([offer])
    return {"mine": [_mine(offer)], "name": "Ann", "zones": zones, "time_zone": "", "saved": saved, "fault": fault, "others": saved}


def _mine(offer: Offer) -> Names:
    return {
        "offer": offer,
        "topics": [topic.slug for topic in offer.topics[:1]],
        "language": "",
        "tongues": tongues(offer.languages),
        "leave_url": "https://site.example/mail/u/sample",
    }
