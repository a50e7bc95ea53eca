"""Which elements of HTML play something."""

import re

PLAYERS = frozenset({"iframe", "video", "audio", "embed", "object", "lite-youtube"})
"""The elements that play something."""

_PLAYER = re.compile(f"<(?:{'|'.join(sorted(PLAYERS))})\\b", re.IGNORECASE)


def holds_player(html: str) -> bool:
    """Whether a text of HTML has an embedded player in it; told without reading it as HTML."""
    return _PLAYER.search(html) is not None
