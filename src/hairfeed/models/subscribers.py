"""Subscribers, and what they asked for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriptionState(StrEnum):
    """Consent of one subscriber to one newsletter."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class Greeting(StrEnum):
    """Why somebody who came or left may be written to."""

    WELCOME = "welcome"
    GOODBYE = "goodbye"


ASKED_BY_OPERATOR = "The operator said that the reader asked for this newsletter; the reader confirmed it by a link."
"""What somebody agrees to by a link that the operator had mailed to them."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What someone asked for on a form. Nobody knows yet whether the address is theirs."""

    asked_at: datetime
    email: str
    newsletters: dict[str, str]
    """By name the topics, as subscriptions keep them: slugs, sorted, with commas; empty: all."""
    name: str = ""
    language: str = ""
    """Empty: the site's."""
    source: str = ""
    """By which way: a page, the site's own form."""
    form: str = ""
    """The version of the form."""
    wording: str = ""
    """What they agreed to, word for word."""
    network_address: str | None = None
    """Only where the config says to keep it."""
    time_zone: str = ""
    """Where they say that they are: an IANA name; empty where they did not say."""
