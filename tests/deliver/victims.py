"""Every provider for the kill tests: its section of the config, and a server that goes wrong and knows who was mailed."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from tests.deliver import faulty_relay
from tests.deliver.dialects import (
    BrevoDialect,
    MailgunDialect,
    MailjetDialect,
    PostmarkDialect,
    SendGridDialect,
    SesDialect,
    SparkPostDialect,
)
from tests.deliver.faulty_api import Dialect, Fault, ResendDialect, a_faulty_api, mixed


class Server(Protocol):
    """What mails go to."""

    port: int
    calls: list[str]
    """What all calls are known by, in their order."""
    on_call: Callable[[int, bool], None]
    """Told of every call's number, before its mails are taken and after."""

    @property
    def mailed(self) -> Counter[str]:
        """How often each address was mailed: the truth."""

    def rest(self) -> None:
        """Wait until all was heard that clients sent who are gone since, where a look or another call could come before it."""


Open = Callable[[Path, int, str], AbstractContextManager[Server]]
"""Opens a server for a publication's folder, an issue of so many recipients and a seed."""


@dataclass(frozen=True)
class Victim:
    """A provider, and how passes deal with it."""

    name: str
    section: str
    """Of the config; `{port}` is the server's."""
    open: Open
    step: timedelta = timedelta(minutes=5)
    """From one pass to the next: as long as it takes to be sure of a call, for no provider is asked after a day."""
    settles: bool = True
    """Whether what became of a call can be found out without a person."""
    tells: bool = False
    """Whether it posts notices of all mails that it took; of whom it tells nothing by the next pass it took nothing."""
    policy: str = "hold"
    """`mail.in_doubt`."""

    @property
    def provider(self) -> str:
        """Its name in the config."""
        return self.name.partition(" ")[0]


_LONG_WAITS = {Fault.THROTTLED_UNTIL, Fault.THROTTLED_SILENTLY}
"""Passes here wait by the clock on the wall."""


@contextmanager
def _api(dialect: Callable[[], Dialect], _folder: Path, readers: int, seed: str) -> Iterator[Server]:
    with a_faulty_api(dialect(), mixed(readers // 60, seed, _LONG_WAITS)) as api:
        api.patience = 0
        yield api


@contextmanager
def _relay(_folder: Path, readers: int, seed: str) -> Iterator[Server]:
    with faulty_relay.a_faulty_relay(faulty_relay.mixed(readers, seed)) as relay:
        yield relay


class _Outbox:
    """The folder: nobody is called, and what is there is there once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "outbox"
        self.port = 0
        self.calls: list[str] = []
        self.on_call: Callable[[int, bool], None] = lambda number, after: None

    @property
    def mailed(self) -> Counter[str]:
        return Counter(re.sub(r"^[a-z]+-\d+-|\.eml$", "", path.name) for path in self._folder.glob("*.eml"))

    def rest(self) -> None:
        pass


@contextmanager
def _outbox(folder: Path, _readers: int, _seed: str) -> Iterator[Server]:
    yield _Outbox(folder)


def _victim(name: str, section: str, dialect: Callable[[], Dialect], minutes: int = 5) -> Victim:
    pace = 'url = "http://127.0.0.1:{port}"\ntimeout = 120\ncalls_per_second = 1000\nconcurrency = 4\n'
    return Victim(name, f"{section}\n{pace}", partial(_api, dialect), timedelta(minutes=minutes))


_SES = _victim("ses", 'key = "k"\nsecret = "s"\nregion = "eu-west-1"', SesDialect, 65)


VICTIMS = (
    _victim("resend", 'key = "re_secret"', ResendDialect),
    _victim("mailgun", 'key = "k"\ndomain = "hair.example.org"\nbatch_size = 100', MailgunDialect, 35),
    _victim("postmark", 'token = "t"', PostmarkDialect, 35),
    _victim("postmark bulk", 'token = "t"\nbulk = true', PostmarkDialect, 125),
    _victim("sendgrid", 'key = "k"', SendGridDialect, 65),
    _victim("sparkpost", 'key = "k"', SparkPostDialect),
    _victim("brevo", 'key = "k"', BrevoDialect, 65),
    _victim("mailjet", 'key = "k"\nsecret = "s"', MailjetDialect),
    replace(_SES, step=timedelta(minutes=5), settles=False),
    replace(_SES, name="ses with notices", settles=False, tells=True),
    replace(_SES, name="ses with notices, resend", tells=True, policy="resend"),
    Victim("smtp", 'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\n', _relay, settles=False),
    Victim("outbox", 'directory = "../outbox"\n', _outbox),
)
