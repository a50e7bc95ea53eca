"""What a request's header fields ask for: a coding, or nothing new (RFC 9110 §12.5.3 and §13). Pure.

Header fields are bytes as they came; None means that there is none.
"""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

IDENTITY = "identity"

_LAST_RESORT = 0.0001
"""Below every quality that can be written."""

_MEMBER = re.compile(
    r"""\s* ([!#$%&'*+.^_`|~0-9a-z-]+) \s* (?: ;\s* q \s*=\s* (0(?:\.\d{0,3})? | 1(?:\.0{0,3})?) \s*)?""", re.VERBOSE | re.ASCII
)
_TAG = re.compile(rb'(?:W/)?("[!#-~\x80-\xff]*")')
_OTHER_NAMES = {"x-gzip": "gzip", "x-compress": "compress"}


@lru_cache(maxsize=256)
def best_coding(accepted: bytes | None, offered: tuple[str, ...]) -> str | None:
    """The coding to answer in: of those that the client likes best, the first that is offered; None when it takes none of them.

    `offered` stands in the server's order. A member that cannot be read counts for nothing.
    """
    if accepted is None:
        return IDENTITY if IDENTITY in offered else None
    asked = _qualities(accepted.decode("latin-1").lower())
    others = asked.get("*")
    # Who names no identity takes it still, but prefers whatever is named.
    identity = asked.get(IDENTITY, _LAST_RESORT if others is None else others)
    wanted = {coding: identity if coding == IDENTITY else asked.get(coding, others or 0.0) for coding in offered}
    best = max(offered, key=lambda coding: wanted[coding])
    return best if wanted[best] > 0 else None


def _qualities(accepted: str) -> dict[str, float]:
    found = (_MEMBER.fullmatch(member) for member in accepted.split(","))
    return {_OTHER_NAMES.get(match[1], match[1]): float(match[2] or 1) for match in found if match}


def names_tag(if_none_match: bytes, tag: bytes) -> bool:
    """Whether `If-None-Match` names this entity tag, by weak comparison (RFC 9110 §8.8.3.2)."""
    return if_none_match in (tag, b"*") or tag in _TAG.findall(if_none_match)


def is_not_after(modified_at: int, if_modified_since: bytes) -> bool:
    """Whether something of this second since the epoch is as old as `If-Modified-Since`, or older; False when that is no date."""
    try:
        date = parsedate_to_datetime(if_modified_since.decode("ascii"))
    except (ValueError, OverflowError):
        return False
    # Of the three forms that a date may have, that of asctime() names no zone (RFC 9110 §5.6.7).
    return modified_at <= (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


@lru_cache(maxsize=256)
def best_language(accepted: str, offered: tuple[str, ...]) -> str | None:
    """The language to answer in, by `Accept-Language`: the one liked best that is offered, or a wider one; else None."""
    asked = _qualities(accepted.lower())
    for tag in sorted(asked, key=lambda tag: -asked[tag]):
        wider = tag
        while wider and asked[tag] > 0:
            if wider in offered:
                return wider
            wider = wider.rpartition("-")[0]
    return None
