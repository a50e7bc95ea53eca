"""The section `[web]` of the config: the pages on which readers join, choose and leave."""

from hairfeed.settings.values import Section, WebAddress


class Web(Section):
    """The subscribe pages. Without the section there are none, and readers leave by writing to the reply address."""

    url: WebAddress
    """Their public address: `hairfeed serve` has them below its path."""
