"""A publication on the day of its first issue, with many readers: begun again as often as wanted, on SQLite or PostgreSQL."""

import shutil
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import insert, literal, select

from hairfeed.deliver.post import LEASE
from hairfeed.models.subscribers import SignUp, SubscriptionState
from hairfeed.store import sign_ups
from hairfeed.store.database import Ledger, open_ledger
from hairfeed.store.schema.base import Instant
from hairfeed.store.schema.subscribers import subscribers, subscriptions
from hairfeed.store.secrets import secret
from tests.collect.photos import illustrate
from tests.conftest import FRIDAY, Publication

_SQLITE = "sqlite:///../hairfeed.db"
_PATIENCE = 60
"""Seconds that a busy machine has for a connection."""
_WHOLE = "STRATEGY FILE_COPY"
"""With a checkpoint at its end: a copy by the log alone forgets where sequences stand, if the server is killed soon after."""


class Ground:
    """The publication and its ledger; every issue begins from the same bytes."""

    def __init__(self, folder: Path, readers: int, server: str | None = None) -> None:
        """Make it once; `server` is the address of a PostgreSQL server without a database, where that is to keep the ledger."""
        self.publication = Publication(folder / "site")
        self.readers = [f"reader{number}@example.net" for number in range(readers)]
        self.newcomers = [f"newcomer{number}@example.net" for number in range(5)]
        """They signed up and are owed a letter each."""
        self._snapshot = folder / "snapshot"
        self._address = server.replace("+psycopg", "") if server else None
        if server:
            self._administer(
                "DROP DATABASE IF EXISTS issue WITH (FORCE)", "DROP DATABASE IF EXISTS ground", "CREATE DATABASE issue"
            )
            self.publication.configure(_SQLITE, f"{server}/issue")
        self._prepare()
        shutil.copytree(self.publication.folder, self._snapshot)
        if server:
            self._administer(f"CREATE DATABASE ground TEMPLATE issue {_WHOLE}")

    def step(self, sure: timedelta) -> timedelta:
        """From one pass to the next, where it takes as long as `sure` to be sure of a call; on a server longer than a lease."""
        return max(sure, LEASE + timedelta(minutes=5)) if self._address else sure

    def begin_again(self, provider: str, section: str) -> Publication:
        """The publication as it was, with another provider; `section` is that of the config, without its heading."""
        if self._address:
            self._administer("DROP DATABASE issue WITH (FORCE)", f"CREATE DATABASE issue TEMPLATE ground {_WHOLE}")
        shutil.rmtree(self.publication.folder)
        shutil.copytree(self._snapshot, self.publication.folder)
        self.publication.configure('provider = "outbox"', f'provider = "{provider}"')
        self.publication.configure('[mail.outbox]\ndirectory = "../outbox"\n', f"[mail.{provider}]\n{section}")
        return self.publication

    def ledger(self) -> Ledger:
        """The ledger; the caller closes it."""
        return open_ledger(self.publication.settings.store.url, _PATIENCE)

    def _prepare(self) -> None:
        publication = self.publication
        publication.configure("lock_timeout = 5", f"lock_timeout = {_PATIENCE}")
        text = publication.config.read_text(encoding="utf-8")
        publication.config.write_text(f'{text}\n[web]\nurl = "https://hair.example.org/mail"\n', encoding="utf-8")
        publication.page("brushing", date="31-7-2024")
        publication.run(FRIDAY)
        illustrate(publication)
        publication.page("swimming", category="Summer", date="13-8-2024")
        ledger = self.ledger()
        with ledger.write() as connection:
            connection.execute(insert(subscribers), [{"email": reader, "created_at": FRIDAY} for reader in self.readers])
            joined = select(
                subscribers.c.id, literal("weekly"), literal(SubscriptionState.CONFIRMED.value), literal(FRIDAY, Instant)
            )
            columns = ["subscriber_id", "newsletter", "state", "changed_at"]
            connection.execute(insert(subscriptions).from_select(columns, joined))
            # Links are the same however often it begins again.
            secret(connection, "links")
            for newcomer in self.newcomers:
                sign_ups.add(connection, SignUp(FRIDAY, newcomer, {"weekly": ""}))
        ledger.close()

    def _administer(self, *statements: str) -> None:
        with psycopg.connect(f"{self._address}/postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
