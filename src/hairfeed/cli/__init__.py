"""The commands. Each reads the config, does one thing, and ends with 0: done, 1: something failed, 2: nothing could start."""

import sys

from hairfeed.cli import articles, feeds, operations, run, subscribers, up
from hairfeed.cli.common import NOTHING_STARTED, SOMETHING_FAILED, app
from hairfeed.errors import ArticleError, BackupError, HairFeedError, SubscriberError

__all__ = ["app", "articles", "feeds", "main", "operations", "run", "subscribers", "up"]


def main() -> None:
    """Run the command line; a known error is one clear message, not a traceback."""
    try:
        app()
    except HairFeedError as error:
        for line in str(error).splitlines():
            print(f"hairfeed: {line}", file=sys.stderr)
        sys.exit(SOMETHING_FAILED if isinstance(error, SubscriberError | ArticleError | BackupError) else NOTHING_STARTED)
