"""`hairfeed check`: what is wrong before anything is sent."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, app, print_json
from hairfeed.settings import Settings, load_settings


def _config(settings: Settings) -> Iterator[str]:
    """What `hairfeed init` left to be filled in."""
    from hairfeed.settings.sample import left_over

    yield from (f"{key} is still the sample's; write your own" for key in left_over(settings))


def _mails(settings: Settings) -> Iterator[str]:
    """Every template of mails, filled with samples in every language."""
    from hairfeed.digest.check.walk import check_mails

    yield from check_mails(settings)


def _pages(settings: Settings) -> Iterator[str]:
    """Every template of pages: those of feeds and issues, and those for readers in every language."""
    from hairfeed.archive.page_check import issue_page_faults
    from hairfeed.feeds.page_check import feed_page_faults
    from hairfeed.web.check import reader_page_faults

    # What several pages have in common is wrong once.
    faults = chain(feed_page_faults(settings), issue_page_faults(settings), reader_page_faults(settings))
    yield from dict.fromkeys(faults)


def _pictures(settings: Settings) -> Iterator[str]:
    """The logo's files."""
    from hairfeed.collect.pictures.keep import look_faults

    yield from map(str, look_faults(settings))


CHECKS: Sequence[tuple[str, Callable[[Settings], Iterator[str]]]] = (
    ("config", _config),
    ("mails", _mails),
    ("pages", _pages),
    ("pictures", _pictures),
)
"""What is looked at, by name; each gives its faults as sentences that begin with where they are."""


@app.command()
def check(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Try out the config and the templates of all that readers see, and say what is wrong where.

    Ends with 1 when something is. Nothing is changed.
    """
    settings = load_settings(config)
    faults = [{"name": name, "fault": fault} for name, found in CHECKS for fault in found(settings)]
    if as_json:
        print_json(faults)
    else:
        for one in faults:
            print(f"{one['name']}: {one['fault']}")
        print(f"faults {len(faults)}")
    if faults:
        raise typer.Exit(SOMETHING_FAILED)
