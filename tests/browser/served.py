"""A publication with its pages on a port, for a browser."""

import threading
from datetime import datetime, timedelta

from hairfeed.web.app import build_app
from hairfeed.web.server import Server
from tests.conftest import FRIDAY, Publication, free_port
from tests.web.readers import SITE, Inside


class Served(Inside):
    """The publication with its pages on a port."""

    def __init__(self, publication: Publication, extra: str = "", site: str = SITE) -> None:
        """On any port that is free; `extra` is more of the config's section `[web]`, `site` the site's own address."""
        publication.configure(f'"{SITE}"', f'"{site}"')
        self.port = free_port()
        publication.configure("[mail.outbox]", f'[web]\nurl = "http://127.0.0.1:{self.port}/mail"\n{extra}\n[mail.outbox]')
        for name, category in (("brushing", "Hair Care"), ("shedding", "Hair Loss"), ("flakes", "Scalp")):
            publication.page(name, category=category)
        publication.run(FRIDAY)
        self.publication = publication
        self.now = FRIDAY
        self.ledger = publication.ledger()
        self.base = f"http://127.0.0.1:{self.port}/mail"
        app = build_app(publication.settings, ledger=self.ledger, clock=self.tick)
        self._listens = threading.Event()
        self._server = Server(app, "127.0.0.1", self.port, lambda _address: self._listens.set())
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        assert self._listens.wait(60)

    def tick(self) -> datetime:
        """Every look at the clock is three seconds later: nobody waits for a form to have been read."""
        self.now += timedelta(seconds=3)
        return self.now

    def close(self) -> None:
        """Stop."""
        self._server.should_exit = True
        self._thread.join()
        self.ledger.close()
