"""The commands. Each reads the config, does one thing, and ends with 0: done, 1: something failed, 2: nothing could start."""

import sys

from hairfeed.cli import articles, check, deliveries, feeds, issues, providers, run, subscribers
from hairfeed.cli.common import NOTHING_STARTED, SOMETHING_FAILED, app
from hairfeed.errors import ArticleError, DeliveryError, HairFeedError, IssueError, SubmissionError, SubscriberError

__all__ = ["app", "articles", "check", "deliveries", "feeds", "issues", "main", "providers", "run", "subscribers"]


def main() -> None:
    """Run the command line; a known error is one clear message, not a traceback."""
    try:
        app()
    except HairFeedError as error:
        for line in str(error).splitlines():
            print(f"hairfeed: {line}", file=sys.stderr)
        is_asked_wrongly = isinstance(error, SubscriberError | ArticleError | DeliveryError | IssueError | SubmissionError)
        sys.exit(SOMETHING_FAILED if is_asked_wrongly else NOTHING_STARTED)
