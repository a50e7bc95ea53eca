"""`hairfeed store …`: the ledger as a whole."""

from typing import Annotated

import typer
from pydantic import ValidationError

from hairfeed.cli.common import DEFAULT_CONFIG, Config, group
from hairfeed.settings import load_settings

commands = group("store", "The ledger as a whole.")


@commands.command()
def copy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="An empty database, as store.url names one.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy the ledger into another database, from a file to a PostgreSQL server or back; all of it, proven, or nothing.

    Stop everything that works on the ledger first. Then let store.url name the copy.
    """
    from rich.console import Console

    from hairfeed.report import ProgressBar
    from hairfeed.settings.site import Store
    from hairfeed.store.moving import copy_ledger

    settings = load_settings(config)
    try:
        target = Store.model_validate({"url": to}, context={"folder": config.absolute().parent}).url
    except ValidationError as error:
        raise typer.BadParameter(str(error.errors()[0]["ctx"]["error"]), param_hint="--to") from None
    with ProgressBar(Console(stderr=True)) as bar:
        rows = copy_ledger(settings.store.url, target, settings.store.lock_timeout, bar)
    print(f"{sum(rows.values())} rows of {len(rows)} tables, counts and checksums equal; now let store.url name the copy")
