"""A line of readers by day, as the points of a drawing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hairfeed.models.movements import Day

WIDTH, HEIGHT = 640, 140
"""Of the drawing, in its own units."""


@dataclass(frozen=True, slots=True)
class Chart:
    """How many readers there were at the end of each day from `first` to `last`."""

    first: date
    last: date
    least: int
    most: int
    points: str
    """Of an SVG polyline, x,y by x,y; most readers are at the top, none at the bottom."""


def chart(days: Sequence[Day], today: date, length: int) -> Chart | None:
    """The last `length` days up to `today`; `days` may leave out those without a change. None where there is none of them."""
    known = {one.day: one.total for one in days if one.day <= today}
    if not known:
        return None
    first = max(today - timedelta(days=length - 1), min(known))
    earlier = [day for day in known if day <= first]
    total = known[max(earlier)] if earlier else 0
    totals = []
    for day in (first + timedelta(days=number) for number in range((today - first).days + 1)):
        total = known.get(day, total)
        totals.append(total)
    most = max(totals)
    step = WIDTH / max(len(totals) - 1, 1)
    places = [(round(number * step, 1), round(HEIGHT - HEIGHT * total / max(most, 1), 1)) for number, total in enumerate(totals)]
    # Of a single day there is a line, too.
    places = places if len(places) > 1 else [places[0], (float(WIDTH), places[0][1])]
    return Chart(first, today, min(totals), most, " ".join(f"{x:g},{y:g}" for x, y in places))
