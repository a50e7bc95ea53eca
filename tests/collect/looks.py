"""A look at a source, for what judges pages without a pass around it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hairfeed.collect.look import AnyLook, Look
from hairfeed.models.reports import Nobody
from hairfeed.settings import Settings
from hairfeed.settings.sources import AnySource

NOW = datetime(2024, 8, 9, 9, tzinfo=UTC)


def look_at(source: AnySource, zone: str = "UTC") -> AnyLook:
    """The first look at a source of a site in the zone."""
    site = {"title": "Plain Hair", "url": "https://hair.example.org", "author": "Ed", "postal_address": "1 Example Street"}
    mailbox = "Ed <ed@hair.example.org>"
    settings = Settings.model_validate(
        {
            "site": site | {"timezone": ZoneInfo(zone)},
            "store": {"url": "sqlite:///hairfeed.db"},
            "sources": {"articles": source},
            "feeds": {"directory": "public", "url": "https://hair.example.org/feeds"},
            "mail": {"from": mailbox, "reply_to": mailbox, "outbox": {"directory": "outbox"}},
        }
    )
    return Look("articles", source, settings, NOW, Nobody(), {})
