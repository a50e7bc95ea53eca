"""How many calls a provider says that it still takes: the headers in which it counts, whatever they are called. Pure.

Source: resend.com/docs, "Rate limit" (the sixth draft of the IETF: three fields); draft-ietf-httpapi-ratelimit-headers-07 and -08
(one field); developers.brevo.com, "Rate limit headers"; twilio.com/docs/sendgrid, "Rate Limits"; as of autumn 2026. The other
providers document none, and are read if they send some.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from hairfeed.deliver.providers.outcomes import Room

_FAMILIES = ("ratelimit", "x-ratelimit", "x-rate-limit", "x-sib-ratelimit")
"""What the names of three fields begin with that end in `-limit`, `-remaining` and `-reset`."""
_LONGEST = timedelta(days=1)
_INSTANT = 1_000_000_000
"""A reset of so many seconds or more is an instant, counted from 1970."""
_MILLISECONDS = 1000 * _INSTANT

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?")
_REMAINING, _RESET, _LIMIT = (re.compile(rf"\b(?:{name})=(\d{{1,15}})\b") for name in ("r|remaining", "t|reset", "q|limit"))


def room(headers: Mapping[str, str], now: datetime) -> Room | None:
    """What the answer's headers leave room for, the least of it where they speak of several windows; None when they do not say."""
    return min(_rooms(headers, now), key=lambda one: (one.calls, -one.resets_after), default=None)


def until_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long it takes until a provider that throttles takes calls again, by these headers; None when they do not say."""
    spent = [one.resets_after for one in _rooms(headers, now) if one.calls == 0]
    said = _by_lower_name(headers)
    stated = [wait for family in _FAMILIES if (wait := _reset(said.get(f"{family}-reset"), now)) is not None]
    return max(spent or stated, default=None)


def _rooms(headers: Mapping[str, str], now: datetime) -> Iterator[Room]:
    said = _by_lower_name(headers)
    for family in _FAMILIES:
        calls, resets_after = _count(said.get(f"{family}-remaining")), _reset(said.get(f"{family}-reset"), now)
        if calls is not None and resets_after is not None:
            yield Room(calls, resets_after, _count(said.get(f"{family}-limit")))
    # `limit=100, remaining=50, reset=5` is one window; `"burst";r=5;t=1, "daily";r=50;t=3600` are two.
    stated = said.get("ratelimit", "")
    for window in [stated] if "remaining=" in stated else stated.split(","):
        calls_left, seconds, limit = _REMAINING.search(window), _RESET.search(window), _LIMIT.search(window)
        if calls_left and seconds:
            yield Room(int(calls_left[1]), min(timedelta(seconds=int(seconds[1][:9])), _LONGEST), int(limit[1]) if limit else None)


def _by_lower_name(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _count(stated: str | None) -> int | None:
    """A number; of a list, `100, 100;w=60`, the first."""
    found = _NUMBER.match((stated or "").strip())
    return int(float(found[0])) if found else None


def _reset(stated: str | None, now: datetime) -> timedelta | None:
    """Seconds from now, or an instant in seconds or milliseconds since 1970."""
    found = _NUMBER.fullmatch((stated or "").strip())
    if found is None:
        return None
    seconds = float(found[0])
    if seconds >= _MILLISECONDS:
        seconds /= 1000
    if seconds >= _INSTANT:
        seconds -= now.timestamp()
    return min(timedelta(seconds=max(seconds, 0)), _LONGEST)
