"""The sections `[newsletters.NAME]` of the config: what people subscribe to."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from hairfeed.schedule.due import Schedule
from hairfeed.schedule.lateness import Quiet, TooLate
from hairfeed.settings.values import Name, Section, Text, Zone


def _schedule(text: object) -> Schedule:
    return Schedule.parse(str(text))


Due = Annotated[Schedule, BeforeValidator(_schedule)]
Late = Annotated[TooLate, BeforeValidator(lambda text: TooLate.parse(str(text)))]
QuietHours = Annotated[Quiet, BeforeValidator(lambda text: Quiet.parse(str(text)))]


class Newsletter(Section):
    """What people subscribe to."""

    title: Text
    schedule: Due
    """When an issue is due, in `timezone`."""
    timezone: Zone | None = None
    """None: the site's."""
    too_late: Late = TooLate.parse("send within 3 days, else merge")
    """What becomes of an issue after its hour."""
    quiet: QuietHours | None = None
    """Hours in which no issue begins to be sent."""
    max_articles: Annotated[int, Field(ge=1, le=50)] = 10
    """Articles with a summary in one issue; more are listed by title."""
    min_articles: Annotated[int, Field(ge=1, le=50)] = 1
    """With fewer new articles there is no issue; they wait for the next."""
    template: Name = "digest"

    @model_validator(mode="after")
    def _room_for_the_fewest(self) -> Self:
        if self.min_articles > self.max_articles:
            raise ValueError(f"min_articles ({self.min_articles}) is more than max_articles ({self.max_articles})")
        return self
