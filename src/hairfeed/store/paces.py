"""How fast each provider is used and how much of its quota is gone: one row a provider, shared by everyone who sends."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select, update

from hairfeed.store.inserts import insert_into
from hairfeed.store.schema.deliveries import provider_paces


@dataclass(frozen=True, slots=True)
class Pace:
    """What a provider's buckets hold and what was used of its quotas, as of `filled_at`."""

    began_on: date
    calls_left: float
    mails_left: float
    filled_at: datetime
    share: float
    """Of its usual rate that it takes now: 1 is all of it."""
    closed_until: datetime | None
    day: date
    """The day (UTC) that the counts are of."""
    mails_today: int
    mails_this_month: int


def pace_of(connection: Connection, provider: str, now: datetime) -> Pace:
    """The provider's pace; one that was never used begins now. The row is held until the end of the transaction."""
    row = connection.execute(_PACE, {"of": provider}).one_or_none()
    if row is None:
        pace = Pace(now.date(), 0, 0, datetime.min.replace(tzinfo=now.tzinfo), 1, None, now.date(), 0, 0)
        made = insert_into(connection, provider_paces).values(provider=provider, **asdict(pace))
        # Another worker may begin at this very moment: its row is the one, then.
        connection.execute(made.on_conflict_do_nothing())
        row = connection.execute(_PACE, {"of": provider}).one()
    return Pace(**{name: value for name, value in row._mapping.items() if name != "provider"})


class HeldPaces:
    """The paces in one transaction: each row is read when it is first needed, held from then on, and written once, at the end.

    All that submit on this ledger wait for the row, so what can be done before it is needed is done before.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        """None is held yet."""
        self._connection, self._now = connection, now
        self._found: dict[str, Pace] = {}
        self._paces: dict[str, Pace] = {}

    def __getitem__(self, provider: str) -> Pace:
        """The provider's pace, as it is by now."""
        if provider not in self._paces:
            self._found[provider] = self._paces[provider] = pace_of(self._connection, provider, self._now)
        return self._paces[provider]

    def __setitem__(self, provider: str, pace: Pace) -> None:
        """Keep it in mind."""
        self._paces[provider] = pace

    def write(self) -> None:
        """Write down what has changed."""
        for provider, pace in self._paces.items():
            if pace != self._found[provider]:
                keep_pace(self._connection, provider, pace)


def share_of(connection: Connection, provider: str) -> float:
    """The share of its usual rate that the provider takes now."""
    found = connection.execute(_SHARE, {"of": provider}).scalar()
    return 1 if found is None else float(found)


def keep_pace(connection: Connection, provider: str, pace: Pace) -> None:
    """Write it down."""
    connection.execute(_KEEP, {"of": provider} | asdict(pace))


# Made once, as those of batches: they run for every call.
_OF = provider_paces.c.provider == bindparam("of")
_PACE = select(provider_paces).where(_OF).with_for_update()
_SHARE = select(provider_paces.c.share).where(_OF)
_KEEP = update(provider_paces).where(_OF)
