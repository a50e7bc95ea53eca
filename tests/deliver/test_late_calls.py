"""A call that is not handed over in time is not handed over later: others may have its batch by then."""

from pathlib import Path

import pytest

from hairfeed.deliver.fleet import Fleet
from hairfeed.deliver.providers.calling import Caller
from hairfeed.deliver.providers.contract import Request, Response
from hairfeed.deliver.providers.outcomes import NotNow, Outcome, Taken
from hairfeed.deliver.providers.smtp import SmtpProvider
from hairfeed.errors import NoAnswer
from hairfeed.settings.providers import Smtp
from tests.deliver.faulty_api import Fault, a_faulty_api
from tests.deliver.mailings import MAILING
from tests.deliver.relays import a_relay
from tests.deliver.sending import the_settings

A_MICROSECOND = 1e-6
"""Is over before a connection is made."""


def test_a_call_whose_time_is_over_before_its_last_byte_is_left_unfinished(tmp_path: Path) -> None:
    with a_faulty_api() as api:
        place = {"key": "k", "url": f"http://127.0.0.1:{api.port}", "timeout": A_MICROSECOND}
        with Fleet(the_settings(tmp_path, provider="resend", resend=place).mail) as fleet:
            outcome = fleet.first.prepare(MAILING).make()
        api.rest()
    assert isinstance(outcome, NotNow)
    assert "the call could not be handed over in time" in outcome.reason
    assert api.calls == []


class Interrupted:
    """The clock of a process that is stopped for a while when it has been asked so often."""

    def __init__(self, looks: int, seconds: float) -> None:
        """Stands still otherwise."""
        self._looks, self._seconds = looks, seconds

    def __call__(self) -> float:
        """The time."""
        self._looks -= 1
        return 0 if self._looks >= 0 else self._seconds


def a_call_to(port: int, clock: Interrupted) -> Response:
    """What is answered to one mail."""
    body = b'[{"to": ["ann@example.com"]}]'
    caller = Caller("the API", 60, timer=clock)
    try:
        return caller.call(Request("POST", f"http://127.0.0.1:{port}/emails/batch", body, {"Idempotency-Key": "k"}), {})
    finally:
        caller.close()


def test_an_answer_that_came_whole_while_its_caller_stood_still_is_read() -> None:
    # It looks at the beginning, before the body goes, and when a piece of the answer is there that is not the last.
    with a_faulty_api() as api:
        assert a_call_to(api.port, Interrupted(2, 3600)).status == 200
    assert api.calls == ["k"]


def test_an_answer_that_does_not_end_is_none() -> None:
    with a_faulty_api(faults=[Fault.TRICKLE]) as api, pytest.raises(NoAnswer, match="an answer that does not end"):
        a_call_to(api.port, Interrupted(2, 3600))


def through_a_relay(clock: Interrupted) -> tuple[Outcome, list[str]]:
    """What becomes of the mailing, and who was mailed."""
    with a_relay() as relay:
        provider = SmtpProvider(Smtp(host="127.0.0.1", port=relay.port, security="none"), "weekly@hair.example.org", clock)
        try:
            return provider.prepare(MAILING).make(), relay.readers
        finally:
            provider.close()


@pytest.mark.parametrize(
    ("looks", "taken"),
    # At the beginning of the call; then before a mail is begun and before it is ended.
    [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2)],
)
def test_a_relay_is_handed_no_mail_after_its_time(looks: int, taken: int) -> None:
    outcome, mailed = through_a_relay(Interrupted(looks, 3600))
    everyone = [one.email for one in MAILING.recipients]
    assert sorted(mailed) == sorted(everyone[:taken])
    match outcome:
        case Taken():
            assert list(outcome.postponed) == [one.subscriber_id for one in MAILING.recipients[taken:]]
        case _:
            assert isinstance(outcome, NotNow)


def test_a_mail_that_takes_long_is_ended_while_there_is_time() -> None:
    outcome, mailed = through_a_relay(Interrupted(2, 400))
    assert isinstance(outcome, Taken)
    assert mailed == [MAILING.recipients[0].email]
