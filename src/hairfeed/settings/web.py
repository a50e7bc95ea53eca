"""The section `[web]` of the config: the pages on which readers join, choose and leave."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator, Field

from hairfeed.settings.values import Section, WebAddress


def _network(text: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no network; write it like 10.0.0.0/8, ::1 or 192.0.2.7") from error


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Web(Section):
    """The subscribe pages. Without the section there are none, and readers leave by writing to the reply address."""

    url: WebAddress
    """Their public address: `hairfeed serve` has them below its path."""
    record_address: bool = False
    """Whether the proof of consent says from which network address it was asked for."""
    trusted_proxies: tuple[Network, ...] = Field(default=(_network("127.0.0.0/8"), _network("::1")), validate_default=False)
    """Who is believed when they say, in X-Forwarded-For, for whom they ask: the web servers before `hairfeed serve`."""
    confirm_within: Annotated[int, Field(ge=1, le=720)] = 72
    """Hours for which the link in a confirmation mail is good."""
    confirm_again_after: Annotated[int, Field(ge=1, le=720)] = 6
    """Hours before the same address can be mailed another confirmation."""
    sign_ups_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 20
    """From one network: an IPv4 /24 or an IPv6 /64."""
    sign_ups_per_address: Annotated[int, Field(ge=1, le=1000)] = 5
    """In a day, for one address."""
    ask_per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    """Letters to those whom `subscribers import --ask` brings in: evenly over the day, after those to who signs up."""
    challenge: bool = False
    """Whether browsers solve a task before a form is taken; without JavaScript it is taken after half a minute."""
    disposable: bool = False
    """Whether addresses of services for throw-away addresses may subscribe."""
