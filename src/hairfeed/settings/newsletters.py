"""The sections `[newsletters.NAME]` of the config: what people subscribe to."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hairfeed.schedule.due import Schedule
from hairfeed.schedule.lateness import Quiet, TooLate
from hairfeed.settings.values import Language, Name, Section, Text, Zone, once

CAMPAIGN_PARTS = ("newsletter", "number")
"""What the values of a campaign's parameters may hold in braces."""

TOPIC_LEAD = "topic:"


def _schedule(text: object) -> Schedule:
    return Schedule.parse(str(text))


def _lead(rule: str) -> str:
    if rule in {"newest", "longest"} or rule.removeprefix(TOPIC_LEAD).strip() not in {"", rule}:
        return rule
    raise ValueError(f'{rule!r} is no rule for the lead article; there are "newest", "longest" and "topic:NAME"')


def _campaign_value(value: str) -> str:
    unknown = sorted(set(re.findall(r"{(.*?)}", value)) - set(CAMPAIGN_PARTS))
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} is unknown; there are {', '.join(f'{{{part}}}' for part in CAMPAIGN_PARTS)}")
    return value


Due = Annotated[Schedule, BeforeValidator(_schedule)]
Late = Annotated[TooLate, BeforeValidator(lambda text: TooLate.parse(str(text)))]
QuietHours = Annotated[Quiet, BeforeValidator(lambda text: Quiet.parse(str(text)))]
Once = Annotated[tuple[Text, ...], AfterValidator(once)]
CampaignValue = Annotated[Text, AfterValidator(_campaign_value)]


class Campaign(Section):
    """Parameters by which a site's statistics tell visitors from mails; each is added as `utm_…`. The same for every reader."""

    source: CampaignValue | None = None
    medium: CampaignValue | None = None
    campaign: CampaignValue | None = None
    content: CampaignValue | None = None


class Inactive(Section):
    """When readers of whom nothing is heard are asked whether they stay, and when their subscription ends."""

    ask_after_days: Annotated[int, Field(ge=30, le=3650)] = 365
    """From the first mail that was not answered in any way."""
    retire_after_days: Annotated[int, Field(ge=7, le=365)] = 30
    """From the letter that asked."""
    least_issues: Annotated[int, Field(ge=1, le=1000)] = 6
    """With fewer mails nobody was silent."""


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
    mode: Literal["auto", "review"] = "auto"
    """Whether an issue that is due is sent, or waits for the operator's approval."""
    topics: Once = ()
    """Only articles of these categories; empty: all."""
    max_articles: Annotated[int, Field(ge=1, le=50)] = 10
    """Articles with a summary in one issue; more are listed by title."""
    max_also: Annotated[int, Field(ge=0, le=500)] = 50
    """Articles by title; of still more only the number is told."""
    min_articles: Annotated[int, Field(ge=1, le=50)] = 1
    """With fewer new articles there is no issue; they wait for the next."""
    lead: Annotated[str, AfterValidator(_lead)] = "newest"
    """The first article: the newest, the longest, or the newest of a topic (`topic:NAME`)."""
    order: Literal["newest", "oldest", "topic"] = "newest"
    """Of the others; by topic they stand in the order of `topics`, or of the alphabet."""
    related: Annotated[int, Field(ge=0, le=5)] = 2
    """Older articles of its category that each article leads to."""
    corrections: bool = True
    """Whether an article that was mailed and has changed since is named in the next issue."""
    language: Language | None = None
    """Of HairFeed's own words in it; None: the site's."""
    languages: Annotated[tuple[Language, ...], AfterValidator(once)] = ()
    """Others that readers may choose."""
    subscriber_topics: bool | Once = True
    """Whether readers may choose among its topics, or which of them."""
    utm: Campaign | None = None
    tracking: bool = False
    """Whether opens and clicks are counted; needs subscribe pages, which the links lead through."""
    inactive: Inactive | None = None
    """None: nobody is asked, and nobody's subscription ends by itself. Needs `tracking`."""
    template: Name = "digest"
    welcome: bool = False
    """Whether who has confirmed gets a mail that says so."""
    goodbye: bool = False
    """Whether who has left by the page gets a mail that says so."""
    greeting: bool = False
    """Whether a mail begins with the reader's name, or with a greeting for those who gave none."""

    @property
    def choosable(self) -> tuple[str, ...] | None:
        """The topics that its readers may choose among; None: all there are."""
        if isinstance(self.subscriber_topics, bool):
            return (self.topics or None) if self.subscriber_topics else ()
        return self.subscriber_topics

    @model_validator(mode="after")
    def _silence_needs_counting(self) -> Self:
        if self.inactive is not None and not self.tracking:
            raise ValueError("inactive needs tracking = true: without it nobody knows who reads")
        return self

    @model_validator(mode="after")
    def _room_for_the_fewest(self) -> Self:
        if self.min_articles > self.max_articles:
            raise ValueError(f"min_articles ({self.min_articles}) is more than max_articles ({self.max_articles})")
        return self
