"""The sections `[newsletters.NAME]` of the config: what people subscribe to."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from hairfeed.schedule.due import Schedule
from hairfeed.settings.values import Name, Section, Text


def _schedule(text: object) -> Schedule:
    return Schedule.parse(str(text))


Due = Annotated[Schedule, BeforeValidator(_schedule)]


class Newsletter(Section):
    """What people subscribe to."""

    title: Text
    schedule: Due
    """When an issue is due, in the site's time zone."""
    max_articles: Annotated[int, Field(ge=1, le=50)] = 10
    """Articles with a summary in one issue; more are listed by title."""
    min_articles: Annotated[int, Field(ge=1, le=50)] = 1
    """With fewer new articles there is no issue; they wait for the next."""
    template: Name = "digest"
    greeting: bool = False
    """Whether a mail begins with the reader's name, or with a greeting for those who gave none."""

    @model_validator(mode="after")
    def _room_for_the_fewest(self) -> Self:
        if self.min_articles > self.max_articles:
            raise ValueError(f"min_articles ({self.min_articles}) is more than max_articles ({self.max_articles})")
        return self
