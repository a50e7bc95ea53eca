"""A whole pass through mail APIs as others have rebuilt them: what lies in their inboxes is what is owed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest

from tests.conftest import NEXT_FRIDAY
from tests.deliver.fakes import Fake, FakeMail, a_fake_resend, a_fake_ses
from tests.deliver.grounds import Ground
from tests.deliver.torture import torture
from tests.deliver.victims import Victim
from tests.store.place import only_in_a_file

pytestmark = only_in_a_file
"""`Ground` begins again with the file; on PostgreSQL `test_torture` kills passes."""


@contextmanager
def _resend(_folder: Path, _readers: int, _seed: str) -> Iterator[Fake]:
    with a_fake_resend() as fake:
        yield fake


@contextmanager
def _ses(_folder: Path, _readers: int, _seed: str) -> Iterator[Fake]:
    with a_fake_ses() as fake:
        yield fake


_URL = 'url = "http://127.0.0.1:{port}"\ncalls_per_second = 1000\n'
RESEND = Victim("resend", f'key = "re_key"\n{_URL}', _resend)
SES = Victim("ses", f'key = "k"\nsecret = "s"\nregion = "eu-west-1"\n{_URL}', _ses, settles=False)
fakes = pytest.mark.parametrize("victim", [RESEND, SES], ids=lambda victim: victim.name)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A publication that owes an issue to readers of several calls."""
    return Ground(tmp_path_factory.mktemp("ground"), 230)


@pytest.fixture(scope="module")
def owed(ground: Ground) -> dict[str, FakeMail]:
    """The mails as the outbox writes them, by address."""
    publication = ground.begin_again("outbox", 'directory = "../outbox"\n')
    publication.run(NEXT_FRIDAY)
    mails = [_mail(message) for message in publication.mails().values()]
    assert sorted(mail.to for mail in mails) == sorted([*ground.readers, *ground.newcomers])
    return {mail.to: mail for mail in mails}


def _mail(message: EmailMessage) -> FakeMail:
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    return FakeMail(
        to=message["To"],
        sender=parseaddr(message["From"]),
        reply_to=parseaddr(message["Reply-To"]),
        subject=message["Subject"],
        # A line of a mail ends as RFC 5322 has it.
        text=text.get_content().replace("\r\n", "\n"),
        html=html.get_content().replace("\r\n", "\n"),
        headers={name.lower(): value for name, value in message.items()},
    )


@fakes
def test_an_inbox_holds_the_very_mails_that_are_owed(ground: Ground, owed: dict[str, FakeMail], victim: Victim) -> None:
    with victim.open(ground.publication.folder, 0, "") as fake:
        publication = ground.begin_again(victim.provider, victim.section.format(port=fake.port))
        report = publication.run(NEXT_FRIDAY)
        publication.run(NEXT_FRIDAY + timedelta(minutes=5))
        mails = fake.mails()  # type: ignore[attr-defined]
    assert not report.failures
    assert [str(one) for one in report.deliver.receipts] == ["owed 230  accepted 230  refused 0  unknown 0"]
    assert Counter(mail.to for mail in mails) == Counter([*ground.readers, *ground.newcomers])
    for mail in mails:
        due = owed[mail.to]
        assert replace(mail, headers=None) == replace(due, headers=None)
        # A letter's Message-ID is another one in every ledger.
        ours = {name for name in mail.headers or {} if mail.to in ground.readers or name != "message-id"}
        assert {name: (mail.headers or {})[name] for name in ours} == {name: (due.headers or {}).get(name) for name in ours}


def test_links_for_leaving_are_in_the_headers_and_each_readers_own(ground: Ground) -> None:
    with a_fake_resend() as fake:
        ground.begin_again("resend", RESEND.section.format(port=fake.port)).run(NEXT_FRIDAY)
        headers = [mail.headers or {} for mail in fake.mails() if mail.to in ground.readers]
    assert {one["list-unsubscribe-post"] for one in headers} == {"List-Unsubscribe=One-Click"}
    assert len({one["list-unsubscribe"] for one in headers}) == len(ground.readers)


@fakes
def test_passes_that_are_killed_mail_everyone_once(ground: Ground, victim: Victim) -> None:
    # The fakes tell nobody of their calls.
    _, deaths = torture(ground, victim, kills=3, seed=7, moments=("effect",))
    assert deaths.total() == 3
