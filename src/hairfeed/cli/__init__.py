"""The commands. Each reads the config, does one thing, and ends with 0: done, 1: something failed, 2: nothing could start."""

import sys

from hairfeed.cli import articles, deliveries, feeds, providers, run, subscribers
from hairfeed.cli.common import NOTHING_STARTED, SOMETHING_FAILED, app
from hairfeed.errors import ArticleError, DeliveryError, HairFeedError, SubscriberError

__all__ = ["app", "articles", "deliveries", "feeds", "main", "providers", "run", "subscribers"]


def main() -> None:
    """Run the command line; a known error is one clear message, not a traceback."""
    try:
        app()
    except HairFeedError as error:
        for line in str(error).splitlines():
            print(f"hairfeed: {line}", file=sys.stderr)
        sys.exit(SOMETHING_FAILED if isinstance(error, SubscriberError | ArticleError | DeliveryError) else NOTHING_STARTED)
