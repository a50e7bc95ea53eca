"""`hairfeed newsletters …`: how many read each newsletter, day by day."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from hairfeed.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    Config,
    Newsletter,
    existing,
    group,
    name_width,
    newsletter_named,
    print_json,
    writing,
)
from hairfeed.models.movements import Day, Movement
from hairfeed.settings import Settings, load_settings
from hairfeed.store.database import Connection

commands = group("newsletters", "How many read each newsletter.")


@contextmanager
def _readers(settings: Settings) -> Iterator[Connection]:
    """A look at the ledger, with all readers there of an import that was decided on."""
    from hairfeed.store import incoming

    with existing(settings) as ledger:
        incoming.complete(ledger)
        with ledger.read() as connection:
            yield connection


@commands.command("list")
def list_(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show every newsletter with its readers: those who confirmed and may be mailed."""
    from hairfeed.store import movements

    settings = load_settings(config)
    with _readers(settings) as connection:
        found = {name: movements.readers(connection, name) for name in settings.newsletters}
    if as_json:
        print_json(found)
        return
    width, digits = name_width(settings), max((len(str(readers)) for readers in found.values()), default=0)
    for name, readers in found.items():
        print(f"{name:<{width}}  {readers:>{digits}}  {settings.newsletters[name].title}")


@commands.command()
def show(
    newsletter: Newsletter = None,
    days: Annotated[int, typer.Option(min=1, help="The newest so many days on which something happened.")] = 30,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show how the number of readers moved, by day in the newsletter's time zone. Nothing is changed."""
    from hairfeed.store import movements

    settings = load_settings(config)
    name = newsletter_named(newsletter, settings)
    with _readers(settings) as connection:
        found = movements.days(connection, name, settings.zone_of(name))
        readers = movements.readers(connection, name)
    if as_json:
        rows = [
            {"day": one.day.isoformat(), **{kind: one.moved.get(kind, 0) for kind in Movement}, "total": one.total} for one in found
        ]
        print_json({"newsletter": name, "readers": readers, "days": rows[-days:]})
        return
    print(*_table(found[-days:]), sep="\n")
    total = found[-1].total if found else 0
    if total != readers:
        print(f"readers now {readers}: the days do not add up to it; make them anew: hairfeed newsletters recount {name}")


def _table(found: Sequence[Day]) -> list[str]:
    """A line a day; a column for everything that ever happened in these days."""
    shown = [kind for kind in Movement if any(one.moved.get(kind) for one in found)]
    head = "day         " + "".join(f"{kind:>14}" for kind in (*shown, "total"))
    lines = [f"{one.day}  " + "".join(f"{one.moved.get(kind, 0):>14}" for kind in shown) + f"{one.total:>14}" for one in found]
    return [head, *lines] if lines else ["nothing has happened yet"]


@commands.command()
def recount(newsletter: Newsletter = None, config: Config = DEFAULT_CONFIG) -> None:
    """Make a newsletter's days anew from its subscriptions; who came, left and came again has left the last trace only."""
    from hairfeed.store import movements

    settings = load_settings(config)
    name = newsletter_named(newsletter, settings)
    with writing(settings) as connection:
        movements.recount(connection, name, settings.zone_of(name))
        readers = movements.readers(connection, name)
    print(f"{name}: counted anew; {readers} readers")
