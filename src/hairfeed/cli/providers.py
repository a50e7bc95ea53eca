"""`hairfeed providers …`: who takes the mails."""

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, Config, group
from hairfeed.settings import load_settings

commands = group("providers", "Who takes the mails.")


@commands.command()
def check(config: Config = DEFAULT_CONFIG) -> None:
    """Ask the providers of the config whether they would take mails from you; nothing is sent."""
    from hairfeed.deliver.fleet import Fleet

    wrong = False
    with Fleet(load_settings(config).mail) as fleet:
        for provider in fleet.both():
            faults = provider.check()
            wrong = wrong or bool(faults)
            for line in faults or [f"{provider.destination}: takes mails"]:
                print(f"{provider.name}: {line}")
    if wrong:
        raise typer.Exit(SOMETHING_FAILED)
