"""`hairfeed deliveries` and `hairfeed providers` as people type them."""

import json
from pathlib import Path

import pytest

from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication, free_port
from tests.deliver.relays import a_relay, a_scripted_relay
from tests.test_cli import hairfeed

READERS = ("ann@example.com", "ben@example.com")


@pytest.fixture
def in_doubt(publication: Publication) -> Publication:
    """An issue in two batches, both of which a relay took without an answer."""
    publication.page("brushing")
    publication.subscribe(*READERS)
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    with a_scripted_relay(END=None) as relay:
        to_relay(publication, relay.port)
        publication.run(NEXT_FRIDAY)
    return publication


def to_relay(publication: Publication, port: int) -> None:
    """Have mails go to the relay at `port`."""
    publication.configure('provider = "outbox"', 'provider = "smtp"')
    smtp = f'[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nbatch_size = 1\n'
    publication.configure("[mail.outbox]", f"{smtp}\n[mail.outbox]")


def test_the_recipients_in_doubt_are_listed_one_by_one(in_doubt: Publication) -> None:
    done = hairfeed("deliveries", "list", "1", "-c", in_doubt.config)
    assert done.returncode == 0
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in lines if "@" in line] == list(READERS)
    assert sum(line.startswith("batch") and "in_doubt, 1 recipient," in line for line in lines) == 2


def test_a_person_settles_what_is_in_doubt(in_doubt: Publication) -> None:
    assert hairfeed("deliveries", "resolve", "1", "1", "sent", "-c", in_doubt.config).stdout == "batch 1: accepted\n"
    assert hairfeed("deliveries", "resolve", "1", "2", "unsent", "-c", in_doubt.config).stdout == "batch 2: pending\n"
    again = hairfeed("deliveries", "resolve", "1", "2", "sent", "-c", in_doubt.config)
    assert (again.returncode, again.stderr) == (
        1,
        "hairfeed: issue weekly 1 has no batch 2 in doubt; see: hairfeed deliveries list weekly 1\n",
    )
    told = json.loads(hairfeed("deliveries", "receipt", "1", "--json", "-c", in_doubt.config).stdout)
    assert (told["owed"], told["accepted"], told["waiting"], told["unknown"]) == (2, 1, 1, 0)


def test_a_receipt_gives_the_reasons(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe(*READERS)
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    with a_relay() as relay:
        relay.answers["ben@example.com"] = "550 5.1.1 <ben@example.com> no such person"
        to_relay(publication, relay.port)
        publication.run(NEXT_FRIDAY)
    done = hairfeed("deliveries", "receipt", "1", "-c", publication.config)
    assert done.stdout.splitlines() == [
        "weekly 1: owed 2  accepted 1  refused 1  unknown 0",
        "  refused 1: 550 5.1.1 <…> no such person",
    ]


def test_an_issue_with_nothing_open_says_so(publication: Publication) -> None:
    publication.page("brushing")
    publication.subscribe(*READERS)
    publication.run(FRIDAY)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    assert hairfeed("deliveries", "list", "1", "-c", publication.config).stdout == "issue weekly 1: no batch is open or in doubt\n"


def test_an_issue_that_is_not_there_is_an_error(publication: Publication) -> None:
    done = hairfeed("deliveries", "receipt", "7", "-c", publication.config)
    assert (done.returncode, done.stderr) == (1, "hairfeed: weekly 7: there is no such issue; 'hairfeed issues list' shows them\n")


def test_a_provider_that_takes_mails_is_said_to(publication: Publication) -> None:
    done = hairfeed("providers", "check", "-c", publication.config)
    assert done.returncode == 0
    assert done.stdout == f"outbox: {publication.outbox}: takes mails\n"


def test_a_provider_that_takes_none_is_named_with_what_to_do(publication: Publication, tmp_path: Path) -> None:
    to_relay(publication, port := free_port())
    done = hairfeed("providers", "check", "-c", publication.config)
    assert done.returncode == 1
    assert done.stdout.startswith(f"smtp: 127.0.0.1:{port}: cannot be reached")
    assert "check mail.smtp.host, port and security" in done.stdout


def test_a_cancelled_issue_is_settled_without_being_sent(in_doubt: Publication) -> None:
    assert hairfeed("issues", "cancel", "weekly", "1", "-c", in_doubt.config).returncode == 0
    assert (
        "\nissue weekly 1  owed 2  accepted 0  refused 0  unknown 2  cancelled\n"
        in hairfeed("status", "-c", in_doubt.config).stdout
    )
    assert hairfeed("deliveries", "resolve", "1", "1", "sent", "-c", in_doubt.config).stdout == "batch 1: accepted\n"
    assert hairfeed("deliveries", "resolve", "1", "2", "unsent", "-c", in_doubt.config).stdout == "batch 2: cancelled\n"
    told = hairfeed("deliveries", "receipt", "1", "-c", in_doubt.config).stdout
    assert told.splitlines() == [
        "weekly 1: owed 2  accepted 1  refused 0  unknown 0  left out 1",
        "  left out 1: the issue was cancelled",
    ]
    assert "\nissue weekly" not in hairfeed("status", "-c", in_doubt.config).stdout
