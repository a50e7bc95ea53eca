"""The line of readers by day."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hairfeed.models.movements import Day
from hairfeed.web.operator.chart import HEIGHT, WIDTH, chart

TODAY = date(2024, 8, 16)


def day(number: int, total: int) -> Day:
    return Day(date(2024, 8, number), total)


def test_without_any_day_there_is_no_line() -> None:
    assert chart([], TODAY, 90) is None
    assert chart([day(17, 5)], TODAY, 90) is None


def test_days_without_a_change_are_as_the_day_before() -> None:
    found = chart([day(14, 5), day(16, 10)], TODAY, 90)
    assert found is not None
    assert (found.first, found.last, found.least, found.most) == (date(2024, 8, 14), TODAY, 5, 10)
    assert found.points == "0,70 320,70 640,0"


def test_what_was_before_the_first_day_is_known() -> None:
    found = chart([day(1, 8), day(16, 4)], TODAY, 2)
    assert found is not None
    assert found.points == "0,0 640,70"


def test_of_a_single_day_there_is_a_line_too() -> None:
    found = chart([day(16, 3)], TODAY, 90)
    assert found is not None
    assert found.points == "0,0 640,0"


@given(st.dictionaries(st.dates(date(2024, 1, 1), TODAY), st.integers(0, 10**9), min_size=1), st.integers(1, 400))
def test_every_point_is_within_the_drawing(totals: dict[date, int], length: int) -> None:
    found = chart([Day(one, total) for one, total in sorted(totals.items())], TODAY, length)
    assert found is not None
    points = [tuple(map(float, point.split(","))) for point in found.points.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert (points[0][0], points[-1][0]) == (0, WIDTH)
