"""The commands. Each reads the config, does one thing, and ends with 0: done, 1: something failed, 2: nothing could start."""

import sys

from hairfeed import log
from hairfeed.cli import (
    articles,
    check,
    deliveries,
    feeds,
    issues,
    newsletters,
    operations,
    providers,
    run,
    serve,
    store,
    subscribers,
    templates,
    transfer,
    up,
    work,
)
from hairfeed.cli.common import NOTHING_STARTED, SOMETHING_FAILED, app, plain
from hairfeed.errors import (
    ArticleError,
    BackupError,
    CopyError,
    DeliveryError,
    HairFeedError,
    IssueError,
    SubmissionError,
    SubscriberError,
)

__all__ = [
    "app",
    "articles",
    "check",
    "deliveries",
    "feeds",
    "issues",
    "main",
    "newsletters",
    "operations",
    "providers",
    "run",
    "serve",
    "store",
    "subscribers",
    "templates",
    "transfer",
    "up",
    "work",
]

_ASKED_WRONGLY = (ArticleError, BackupError, CopyError, DeliveryError, IssueError, SubmissionError, SubscriberError)
"""What a command may say when it could begin, and could not do what was asked for."""


def main() -> None:
    """Run the command line; a known error is one clear message, not a traceback."""
    log.hide_addresses()
    try:
        app()
    except HairFeedError as error:
        for line in str(error).splitlines():
            print(f"hairfeed: {plain(line)}", file=sys.stderr)
        sys.exit(SOMETHING_FAILED if isinstance(error, _ASKED_WRONGLY) else NOTHING_STARTED)
    except Exception as error:  # noqa: BLE001 - whoever reports it needs all that is known
        log.show_fault(error)
        print("hairfeed: this is a fault of HairFeed; please report it with what stands above", file=sys.stderr)
        sys.exit(SOMETHING_FAILED)
