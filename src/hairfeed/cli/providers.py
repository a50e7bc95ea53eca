"""`hairfeed providers …`: who takes the mails."""

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, Config, group
from hairfeed.settings import load_settings

commands = group("providers", "Who takes the mails.")


@commands.command()
def check(config: Config = DEFAULT_CONFIG) -> None:
    """Ask the providers of the config whether they would take mails from you; nothing is sent."""
    from hairfeed.operations.checks import Level
    from hairfeed.operations.providers import check_providers

    checks = list(check_providers(load_settings(config).mail))
    for one in checks:
        print(f"{one.name.removeprefix('provider ')}: {one.found}")
    if any(one.level is Level.FAIL for one in checks):
        raise typer.Exit(SOMETHING_FAILED)
