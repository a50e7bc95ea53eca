"""Embedded players in an article's HTML."""

import re

PLAYERS = frozenset({"iframe", "video", "audio", "embed", "object", "lite-youtube"})
"""The elements that play something."""

_PLAYER = re.compile(f"<(?:{'|'.join(sorted(PLAYERS))})\\b", re.IGNORECASE)


def with_players_linked(html: str) -> str:
    """An article's HTML with its embedded players turned into links: no feed and no mail can show them."""
    if not _PLAYER.search(html):
        return html
    # Only an article that has one pays for what reads HTML.
    from lxml import html as lxml_html

    from hairfeed.collect.html_media import link_players
    from hairfeed.collect.html_tree import inner_html

    body = lxml_html.fragment_fromstring(html, create_parent="div")
    link_players(body)
    return inner_html(body)
