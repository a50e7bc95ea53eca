"""Issues that are paused or cancelled on their way: what is in doubt is settled, nothing is sent, and everyone is counted."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from hairfeed.models.issues import BatchState, IssueState, Receipt
from hairfeed.operations.status import look
from hairfeed.store import batches, deliveries, issues
from hairfeed.store.database import Connection
from hairfeed.store.schema.issues import issues as issue_rows
from tests.deliver.dialects import MailgunDialect
from tests.deliver.faulty_api import Fault, FaultyApi, a_faulty_api
from tests.deliver.sending import NOW, Sending, receipt
from tests.deliver.test_faulty_providers import READERS, SECTIONS, sending_to

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ASKED = ["brevo", "mailgun", "postmark", "postmark bulk", "sendgrid"]
REPEATED = ["mailjet", "sparkpost"]

Stop = Callable[[Connection, int], object]
STOPS: dict[str, Stop] = {"paused": deliveries.pause, "cancelled": issues.cancel}
stops = pytest.mark.parametrize("stop", STOPS)


def change(sending: Sending, how: Stop) -> None:
    """What the operator's command does with the issue."""
    ledger = sending.ledger()
    with ledger.write() as connection:
        assert how(connection, 1) is not None
    ledger.close()


def in_doubt(folder: Path, api: FaultyApi, provider: str, stop: str) -> Sending:
    """An issue that was stopped when all its mails were in doubt."""
    sending = sending_to(folder, api, provider)
    assert receipt(sending.deliver()).in_doubt == 7
    change(sending, STOPS[stop])
    return sending


def through(sending: Sending) -> Receipt:
    """The receipt after a day of passes."""
    for hours in range(1, 26, 3):
        sending.deliver(NOW + hours * HOUR)
    told = sending.receipt_of(1)
    assert told.owed == told.accepted + told.refused + told.unknown + told.left_out + told.waiting == 7
    return told


@stops
@pytest.mark.parametrize("provider", ASKED)
def test_mails_that_were_taken_are_counted_when_the_provider_says_so(tmp_path: Path, provider: str, stop: str) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = in_doubt(tmp_path, api, provider, stop)
        assert str(through(sending)) == "owed 7  accepted 7  refused 0  unknown 0"
    assert (api.truth.mailed, len(api.calls), dialect.looked_up) == (Counter(READERS), 2, 1)
    assert sending.issue_states() == [IssueState(stop)]


@pytest.mark.parametrize("provider", ASKED)
def test_mails_of_a_cancelled_issue_that_were_not_taken_are_left_out(tmp_path: Path, provider: str) -> None:
    with a_faulty_api(SECTIONS[provider][0](), [Fault.RESET_BEFORE]) as api:
        told = through(in_doubt(tmp_path, api, provider, "cancelled"))
    assert told.left_out_by == (("the issue was cancelled", 7),)
    assert not api.truth.mailed


@pytest.mark.parametrize("provider", ASKED)
def test_mails_of_a_paused_issue_that_were_not_taken_wait_for_it_to_go_on(tmp_path: Path, provider: str) -> None:
    with a_faulty_api(SECTIONS[provider][0](), [Fault.RESET_BEFORE]) as api:
        sending = in_doubt(tmp_path, api, provider, "paused")
        assert (through(sending).waiting, api.truth.mailed) == (7, Counter())
        change(sending, deliveries.resume)
        assert receipt(sending.deliver(NOW + 26 * HOUR)).accepted == 7
    assert api.truth.mailed == Counter(READERS)


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.RESET_BEFORE])
@pytest.mark.parametrize("provider", REPEATED)
def test_a_call_of_a_paused_issue_is_repeated_when_it_goes_on_and_not_before(tmp_path: Path, provider: str, fault: Fault) -> None:
    with a_faulty_api(SECTIONS[provider][0](), [fault]) as api:
        sending = in_doubt(tmp_path, api, provider, "paused")
        sending.deliver(NOW + HOUR)
        sending.deliver(NOW + 22 * HOUR)
        assert (len(api.calls), sending.receipt_of(1).in_doubt) == (1, 7)
        change(sending, deliveries.resume)
        assert receipt(sending.deliver(NOW + 22 * HOUR)).accepted == 7
    assert api.truth.mailed == Counter(READERS)


@pytest.mark.parametrize(
    ("policy", "state"), [("hold", BatchState.IN_DOUBT), ("resend", BatchState.SKIPPED), ("skip", BatchState.SKIPPED)]
)
@pytest.mark.parametrize("provider", [*REPEATED, "ses"])
def test_a_call_of_a_cancelled_issue_is_never_repeated_and_stays_unknown(
    tmp_path: Path, provider: str, policy: str, state: BatchState
) -> None:
    with a_faulty_api(SECTIONS[provider][0](), [Fault.RESET_BEFORE]) as api:
        sending = in_doubt(tmp_path, api, provider, "cancelled")
        section = SECTIONS[provider][1] | {"url": f"http://127.0.0.1:{api.port}"}
        sending.configure(provider=provider, **{provider: section}, in_doubt=policy)
        # As long as there may be news of it, nobody is asked to decide.
        assert sending.deliver(NOW + 30 * MINUTE).failures == ()
        assert (through(sending).unknown, sending.batch_states(), len(api.calls)) == (7, [state], 1)


@stops
def test_a_pass_that_finds_a_stopped_issues_batch_under_way_settles_it(tmp_path: Path, stop: str) -> None:
    with a_faulty_api(MailgunDialect(), [Fault.RESET_AFTER]) as api:
        sending = in_doubt(tmp_path, api, "mailgun", stop)
        sending.leave_in_flight()
        change(sending, lambda connection, issue: connection.execute(update(issue_rows).values(state=stop)))
        assert through(sending).accepted == 7
    assert api.truth.mailed == Counter(READERS)


@stops
@pytest.mark.parametrize("fault", [Fault.NONE, Fault.THROTTLED_SILENTLY])
def test_an_issue_that_is_stopped_in_the_middle_sends_nothing_more(tmp_path: Path, stop: str, fault: Fault) -> None:
    with a_faulty_api(MailgunDialect(), [fault]) as api:
        sending = sending_to(tmp_path, api, "mailgun")
        section = SECTIONS["mailgun"][1] | {"url": f"http://127.0.0.1:{api.port}", "batch_size": 2}
        sending.configure(provider="mailgun", mailgun=section, concurrency=1)
        api.on_call = lambda number, after: None if after else change(sending, STOPS[stop])
        sending.deliver()
        api.on_call = lambda number, after: None
        told = through(sending)
    taken = 2 if fault is Fault.NONE else 0
    assert (len(api.calls), sum(api.truth.mailed.values()), told.accepted) == (1, taken, taken)
    assert (told.waiting, told.left_out) == ((7 - taken, 0) if stop == "paused" else (0, 7 - taken))


def test_halves_of_a_batch_that_was_refused_are_not_sent_when_the_issue_was_cancelled_meanwhile(tmp_path: Path) -> None:
    with a_faulty_api(MailgunDialect()) as api:
        api.truth.refused = {READERS[0]: "no such address"}
        sending = sending_to(tmp_path, api, "mailgun")
        api.on_call = lambda number, after: None if after else change(sending, issues.cancel)
        sending.deliver()
        api.on_call = lambda number, after: None
        told = through(sending)
    assert (len(api.calls), told.left_out, told.waiting) == (1, 7, 0)


@stops
def test_the_status_shows_a_stopped_issue_as_long_as_mails_of_it_are_in_doubt(tmp_path: Path, stop: str) -> None:
    with a_faulty_api(SECTIONS["ses"][0](), [Fault.RESET_AFTER]) as api:
        sending = in_doubt(tmp_path, api, "ses", stop)
    ledger = sending.ledger()
    (shown,) = look(ledger, sending.settings, NOW).open_issues
    assert (shown.state, shown.receipt.in_doubt) == (IssueState(stop), 7)
    with ledger.write() as connection:
        (batch,) = batches.batches_in(connection, 1, BatchState.IN_DOUBT)
        batches.accept(connection, batch)
    assert bool(look(ledger, sending.settings, NOW).open_issues) == (stop == "paused")
    ledger.close()
