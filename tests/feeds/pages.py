"""Pages of feeds that are hard to lay out, made from articles that nobody would invent."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from hairfeed.feeds.feed import Feed, FeedAddresses, FeedKind, publishable
from hairfeed.feeds.feed_page import FeedPages
from hairfeed.models.articles import Article
from hairfeed.settings import Settings, load_settings
from tests.conftest import CONFIG
from tests.feeds.difficult import EDITED, FEED, RIGHT_TO_LEFT, TITLE_ONLY

_LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
_LONG_TITLE = ("What everybody who has hair ought to know about it before the summer comes, " * 5)[:300]
_LONG_ADDRESS = "https://example.com/" + "a-very-long-path-without-an-end/" * 12 + "?with=a&query=too"


def settings_with(folder: Path, **site: str) -> Settings:
    """The test publication's settings, with readers who may subscribe by mail, and with these values in `[site]`."""
    config = folder / "hairfeed.toml"
    text = CONFIG.replace("[newsletters", 'subscribe_url = "https://hair.example.org/mail"\n\n[newsletters')
    for key, value in site.items():
        text = re.sub(rf"^{key} = .*$", f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
    config.write_text(text, encoding="utf-8")
    return load_settings(config, {})


def hard_pages(folder: Path) -> Mapping[str, bytes]:
    """Pages by name: of many feeds, right to left, without articles, of long titles; and the one where a feed was."""
    pages = FeedPages(settings_with(folder))
    arabic = FeedPages(settings_with(folder, language="ar", title="الشعر ببساطة"))
    many = [_part(FeedKind.CATEGORY, label) for label in ("Hair Care", "头发护理", "العناية بالشعر", _LONG_WORD, "<b>&</b>")]
    many += [_part(FeedKind.AUTHOR, f"Author of Name {number}") for number in range(40)]
    right_to_left = replace(
        FEED,
        title="الشعر ببساطة",
        description="مقالات واضحة عن الشعر وفروة الرأس، بلا إعلانات.",
        language="ar",
        articles=[RIGHT_TO_LEFT, EDITED, TITLE_ONLY],
    )
    return {
        "many.html": pages.feed(publishable(FEED), [FEED, *many]),
        "rtl.html": arabic.feed(publishable(right_to_left), [right_to_left, *many[:4]]),
        "empty.html": pages.feed(publishable(replace(FEED, articles=())), [FEED]),
        "long.html": pages.feed(publishable(_part(FeedKind.CATEGORY, _LONG_TITLE, _long_articles())), []),
        "gone.html": pages.gone(FEED),
        "gone-rtl.html": arabic.gone(right_to_left),
    }


def _part(kind: FeedKind, label: str, articles: tuple[Article, ...] = ()) -> Feed:
    page = f"{_LONG_ADDRESS.partition('?')[0]}{kind}/"
    return replace(
        FEED,
        kind=kind,
        label=label,
        title=f"Plain Hair: {label}",
        description=f"Articles of Plain Hair: {label}",
        page_url=page,
        addresses=FeedAddresses(*(f"{page}feed.{suffix}" for suffix in ("rss", "atom", "json"))),
        zone=ZoneInfo("UTC"),
        articles=articles,
    )


def _long_articles() -> tuple[Article, ...]:
    return (
        replace(TITLE_ONLY, title=_LONG_TITLE, url=_LONG_ADDRESS, summary=_LONG_ADDRESS),
        replace(EDITED, title=_LONG_WORD, summary=f"{_LONG_WORD} " * 8),
    )
