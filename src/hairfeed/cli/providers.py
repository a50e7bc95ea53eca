"""`hairfeed providers …`: who takes the mails."""

from dataclasses import asdict

import typer

from hairfeed.cli.common import DEFAULT_CONFIG, SOMETHING_FAILED, AsJson, Config, group, print_json
from hairfeed.settings import load_settings

commands = group("providers", "Who takes the mails.")


@commands.command()
def check(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Ask the providers of the config whether they would take mails from you; nothing is sent."""
    from hairfeed.operations.checks import Level
    from hairfeed.operations.providers import check_providers

    checks = list(check_providers(load_settings(config).mail))
    if as_json:
        print_json([asdict(one) for one in checks])
    else:
        for one in checks:
            print(f"{one.name.removeprefix('provider ')}: {one.found}")
    if any(one.level is Level.FAIL for one in checks):
        raise typer.Exit(SOMETHING_FAILED)
