"""Some weeks of a publication, pass by pass on a real ledger: every article is mailed once or goes by the too-late rule."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from hairfeed.store.schema.issues import issues
from tests.conftest import FRIDAY, Publication

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
EIGHT = FRIDAY - HOUR


@pytest.fixture
def weekly(publication: Publication) -> Publication:
    """A reader, and a first pass that has taken the archive in."""
    publication.page("archive")
    publication.subscribe("ann@example.com")
    publication.run(EIGHT)
    return publication


def news(publication: Publication, name: str, now: datetime) -> None:
    publication.page(name, title=name, date=f"{now.day}-{now.month}-{now.year}")


def subjects(publication: Publication) -> list[str]:
    return [str(mail["Subject"]) for mail in publication.mails().values()]


def due_hours(publication: Publication) -> list[datetime]:
    ledger = publication.ledger()
    with ledger.read() as connection:
        hours = list(connection.execute(select(issues.c.due_at).order_by(issues.c.id)).scalars())
    ledger.close()
    return hours


def test_passes_twice_at_once_and_outages_fire_each_week_once(weekly: Publication) -> None:
    for week in range(1, 4):
        news(weekly, f"Week {week}", EIGHT + week * WEEK - 2 * DAY)
        for hours in (-24, -1, 0, 0, 3, 30):
            weekly.run(EIGHT + week * WEEK + hours * HOUR)
    news(weekly, "Week 4", EIGHT + 4 * WEEK - DAY)
    assert "was due" not in str(weekly.run(EIGHT + 4 * WEEK + 2 * DAY).warnings)
    assert due_hours(weekly) == [EIGHT + week * WEEK for week in range(1, 5)]
    assert subjects(weekly) == ["Week 1", "Week 2", "Week 3", "Week 4"]


def test_too_late_its_articles_go_into_the_next_issue(weekly: Publication) -> None:
    weekly.configure('"Fri 08:00"', '"Fri 08:00"\ntoo_late = "send within 6h, else merge"')
    news(weekly, "Early", EIGHT + WEEK - DAY)
    weekly.run(EIGHT + WEEK - HOUR)
    report = weekly.run(EIGHT + WEEK + 7 * HOUR)
    assert [str(one) for one in report.warnings] == [
        "newsletter weekly: was due Fri 2024-08-16 08:00, 7 hours ago, and is too late; "
        "its articles go into the next issue (too_late)"
    ]
    assert weekly.run(EIGHT + WEEK + 8 * HOUR).warnings == []
    news(weekly, "Later", EIGHT + 2 * WEEK - DAY)
    weekly.run(EIGHT + 2 * WEEK)
    assert due_hours(weekly) == [EIGHT + 2 * WEEK]
    (mail,) = weekly.mails().values()
    assert all(name in mail.as_string() for name in ("Early", "Later"))


@pytest.mark.parametrize("caught_up_after", [7 * HOUR, WEEK])
def test_skipped_what_waited_is_not_mailed_and_stays_in_the_feeds(weekly: Publication, caught_up_after: timedelta) -> None:
    weekly.configure('"Fri 08:00"', '"Fri 08:00"\ntoo_late = "send within 6h, else skip"')
    news(weekly, "Early", EIGHT + WEEK - DAY)
    weekly.run(EIGHT + WEEK - HOUR)
    news(weekly, "Later", EIGHT + WEEK + HOUR)
    report = weekly.run(EIGHT + WEEK + caught_up_after)
    assert "too late; what waited then is not mailed (too_late)" in str(report.warnings[0])
    weekly.run(EIGHT + 2 * WEEK)
    assert subjects(weekly) == ["Later"]
    assert b"Early" in (weekly.public / "feed.rss").read_bytes()


def test_quiet_hours_and_the_zone_are_the_newsletters_own(weekly: Publication) -> None:
    weekly.configure('"Fri 08:00"', '"Fri 23:00"\ntimezone = "America/New_York"\nquiet = "22:00-07:00"')
    news(weekly, "Night", EIGHT + 6 * DAY)
    at_eleven = datetime(2024, 8, 17, 3, 0, tzinfo=UTC)
    for hours in (-1, 0, 7.9):
        assert not weekly.run(at_eleven + hours * HOUR).compose.composed
    assert weekly.run(at_eleven + 8 * HOUR).compose.composed
    assert due_hours(weekly) == [at_eleven]
    (mail,) = weekly.mails().values()
    assert "16 August 2024" in mail.as_string() or "Friday" in mail.as_string() or "2024-08-16" in mail.as_string()


def test_a_clock_that_was_weeks_ahead_neither_silences_nor_doubles(weekly: Publication) -> None:
    news(weekly, "Week 1", EIGHT + WEEK - DAY)
    weekly.run(EIGHT + WEEK)
    news(weekly, "Week 2", EIGHT + WEEK + DAY)
    weekly.run(EIGHT + 4 * WEEK)
    report = weekly.run(EIGHT + WEEK + 2 * DAY)
    assert "was served for Fri 2024-09-06 08:00, which is still to come; it counts from now on" in str(report.warnings[0])
    assert weekly.run(EIGHT + WEEK + 2 * DAY).warnings == []
    for week in range(3, 6):
        news(weekly, f"Week {week}", EIGHT + week * WEEK - DAY)
        weekly.run(EIGHT + week * WEEK)
        weekly.run(EIGHT + week * WEEK + HOUR)
    assert due_hours(weekly) == [EIGHT + week * WEEK for week in (1, 4, 3, 5)]
    assert [subject[:6] for subject in subjects(weekly)] == ["Week 1", "Week 2", "Week 3", "Week 5"]
    assert "Week 4" in list(weekly.mails().values())[-1].as_string()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('too_late = "skip"', "newsletters.weekly.too_late: 'skip' is no rule for what is late"),
        ('quiet = "at night"', "newsletters.weekly.quiet: 'at night' are no quiet hours"),
        ('timezone = "Berlin"', "newsletters.weekly.timezone: no time zone is called 'Berlin'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_key(publication: Publication, line: str, said: str) -> None:
    publication.configure('"Fri 08:00"', f'"Fri 08:00"\n{line}')
    with pytest.raises(Exception, match=r"hairfeed\.toml") as raised:
        _ = publication.settings
    assert said in str(raised.value)
