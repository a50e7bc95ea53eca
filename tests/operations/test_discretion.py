"""Faults of ours name nobody: neither a command's traceback, nor that of a pass or of the web, which servers keep in their logs."""

import re
import signal
from contextlib import closing

import requests

from hairfeed.web.snippet import snippet
from tests.conftest import FRIDAY, Publication
from tests.deliver.relays import a_relay
from tests.schedule.test_up import PATIENCE, said
from tests.schedule.test_up import hairfeed as process_of
from tests.store.place import only_in_a_file
from tests.test_cli import hairfeed

READER = "ann@example.com"


def break_writing(publication: Publication, table: str) -> None:
    """Let whatever is written to a table fail with words that have the reader's address."""
    with closing(publication.ledger()) as ledger, ledger.write() as connection:
        words = f"RAISE(ABORT, 'not for {READER}, Key (email)=({READER})')"
        connection.exec_driver_sql(f"CREATE TRIGGER broken_{table} BEFORE INSERT ON {table} BEGIN SELECT {words}; END")


@only_in_a_file
def test_a_command_that_stumbles_names_nobody_and_asks_to_be_reported(publication: Publication) -> None:
    break_writing(publication, "subscribers")
    done = hairfeed("subscribers", "add", READER, "--confirmed", "-c", publication.config)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "INSERT INTO subscribers" in done.stderr
    assert done.stderr.endswith("hairfeed: this is a fault of HairFeed; please report it with what stands above\n")
    assert READER not in done.stdout + done.stderr


@only_in_a_file
def test_passes_and_pages_that_stumble_name_nobody_and_go_on(publication: Publication) -> None:
    publication.configure("[mail.outbox]", '[web]\nurl = "https://hair.example.org/mail"\n\n[mail.outbox]')
    publication.subscribe(READER)
    break_writing(publication, "runs")
    break_writing(publication, "attempts")
    with process_of("up", "--serve", "--port", "0", "--every", "1", "-c", publication.config) as process:
        address = said(process, "Serving at").strip().removeprefix("Serving at ")
        (form,) = re.findall(r'name="form" value="([^"]+)"', snippet(publication.settings, ""))
        wish = {"email": READER, "newsletter": "weekly", "form": form}
        from_site = {"Origin": "https://hair.example.org"}
        assert requests.post(f"{address}/mail/", wish, headers=from_site, timeout=PATIENCE).status_code == 500
        output = said(process, "INSERT INTO attempts")
        output += said(process, "INSERT INTO runs")
        process.send_signal(signal.SIGTERM)
        output += process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0
    assert "not for …" in output
    assert READER not in output


def test_what_a_relay_says_of_a_reader_is_reported_without_the_address(publication: Publication) -> None:
    with a_relay() as relay:
        publication.configure('provider = "outbox"', 'provider = "smtp"')
        publication.configure(
            "[mail.outbox]", f'[mail.smtp]\nhost = "127.0.0.1"\nport = {relay.port}\nsecurity = "none"\n\n[mail.outbox]'
        )
        relay.answers[READER] = f"450 4.2.0 <{READER}> is greylisted"
        publication.page("archive")
        publication.subscribe(READER, now=FRIDAY)
        publication.run(FRIDAY)
        publication.page("swimming", date="13-8-2024")
        done = hairfeed("run", "--now", "2024-08-16T09:00", "-c", publication.config)
    assert "is greylisted" in done.stdout
    assert READER not in done.stdout + done.stderr
