"""`hairfeed check`: what is wrong before anything is sent."""

from collections.abc import Callable, Iterator, Sequence

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, Config, app
from hairfeed.settings import Settings, load_settings


def _mails(settings: Settings) -> Iterator[str]:
    """Every template of mails, filled with samples in every language."""
    from hairfeed.digest.check.walk import check_mails

    yield from check_mails(settings)


def _pictures(settings: Settings) -> Iterator[str]:
    """The logo's files."""
    from hairfeed.collect.pictures.keep import look_faults

    yield from map(str, look_faults(settings))


CHECKS: Sequence[tuple[str, Callable[[Settings], Iterator[str]]]] = (("mails", _mails), ("pictures", _pictures))
"""What is looked at, by name; each gives its faults as sentences that begin with where they are."""


@app.command()
def check(config: Config = DEFAULT_CONFIG) -> None:
    """Try out the config and all templates, and say what is wrong where; ends with 1 when something is. Nothing is changed."""
    settings = load_settings(config)
    count = 0
    for name, faults in CHECKS:
        for fault in faults(settings):
            print(f"{name}: {fault}")
            count += 1
    print(f"faults {count}")
    if count:
        raise typer.Exit(SOMETHING_FAILED)
