"""The walk through all mails that the config can lead to."""

from collections.abc import Iterator

from hairfeed.digest.check.rules import RULES, Mail, leads_there_from_anywhere
from hairfeed.digest.check.samples import Sample, notices, samples
from hairfeed.digest.content import DigestContent, Letter
from hairfeed.digest.render import Rendering, Templates
from hairfeed.errors import TemplateError
from hairfeed.settings import Settings
from hairfeed.text.translations import languages

_ANYWHERE = "https://site.example"


def check_mails(settings: Settings) -> Iterator[str]:
    """What is wrong with addresses and templates: each once, with the first mail that shows it. Nothing is sent."""
    site, feeds, web = settings.site, settings.feeds, settings.web
    for key, address in {"site.url": site.url, "feeds.url": feeds.url, "web.url": web.url if web else _ANYWHERE}.items():
        if not leads_there_from_anywhere(address):
            yield f"{key}: {address} is no public https address, and mails lead there"
    # Once is enough: the templates are tried with addresses that do.
    if not leads_there_from_anywhere(site.url):
        settings = settings.model_copy(update={"site": site.model_copy(update={"url": _ANYWHERE})})
    if not leads_there_from_anywhere(feeds.url):
        settings = settings.model_copy(update={"feeds": feeds.model_copy(update={"url": f"{_ANYWHERE}/feeds"})})
    templates = Templates(settings.site.templates, settings.look)
    found = set()
    for where, sample in _mails(settings):
        for fault in _faults(templates, sample):
            if fault not in found:
                found.add(fault)
                yield f"{fault} ({sample.name}{where})"


def _mails(settings: Settings) -> Iterator[tuple[str, Sample]]:
    for name, newsletter in settings.newsletters.items():
        for language in dict.fromkeys([settings.site.language, *languages()]):
            for sample in samples(settings, newsletter, language):
                yield f" of {name}, in {language}", sample
    for sample in notices(settings):
        yield "", sample


def _faults(templates: Templates, sample: Sample) -> Iterator[str]:
    try:
        mail = Mail(sample, _rendered(templates, sample))
    except TemplateError as error:
        yield str(error)
        return
    for rule in RULES:
        for fault in rule(mail):
            yield f"{templates.place_of(sample.content)}: {fault}"


def _rendered(templates: Templates, sample: Sample) -> Rendering:
    match sample.content:
        case DigestContent() as content:
            return templates.render(content)
        case Letter() as letter:
            return templates.letter(letter)
        case notice:
            return templates.notice(notice)
