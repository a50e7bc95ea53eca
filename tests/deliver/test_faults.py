"""Whatever goes wrong with a call, everyone is mailed once, and the receipt says so."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hairfeed.models.issues import BatchState
from hairfeed.models.reports import DeliverReport
from tests.deliver.faulty_api import (
    TAKEN,
    Answer,
    ApiCall,
    Dialect,
    Fault,
    FaultyApi,
    ResendDialect,
    StrictDialect,
    Truth,
    a_faulty_api,
    mixed,
)
from tests.deliver.sending import NOW, Sending, failures, receipt

READERS = [f"reader{number}@example.net" for number in range(7)]


def resend(port: int, **more: Any) -> dict[str, Any]:
    """A `[mail]` for the API at `port`."""
    return {"provider": "resend", "resend": {"key": "re_secret", "url": f"http://127.0.0.1:{port}", "timeout": 0.5} | more}


def sending_to(folder: Path, api: FaultyApi, *readers: str, **more: Any) -> Sending:
    """An issue to send there."""
    sending = Sending(folder, **resend(api.port, **more))
    sending.subscribe(*(readers or READERS))
    sending.approve()
    return sending


def passes(sending: Sending, most: int = 20) -> list[DeliverReport]:
    """Passes five minutes apart until there is nothing more to do."""
    reports: list[DeliverReport] = []
    while len(reports) < most:
        reports.append(sending.deliver(NOW + timedelta(minutes=5 * len(reports))))
        if not (receipt(reports[-1]).waiting or receipt(reports[-1]).in_doubt):
            return reports
    raise AssertionError(f"still at work after {most} passes: {receipt(reports[-1])}; {failures(reports[-1])}")


@pytest.mark.parametrize("fault", Fault)
def test_a_call_that_goes_wrong_is_made_good(tmp_path: Path, fault: Fault) -> None:
    with a_faulty_api(faults=[fault]) as api:
        reports = passes(sending_to(tmp_path, api))
    assert api.truth.mailed == Counter(READERS)
    assert str(receipt(reports[-1])) == "owed 7  accepted 7  refused 0  unknown 0"
    assert len(set(api.calls)) == 1


@pytest.mark.parametrize("fault", [one for one in Fault if one in TAKEN and one is not Fault.NONE])
def test_a_call_that_was_taken_without_a_clear_answer_is_in_doubt_until_it_is_repeated(tmp_path: Path, fault: Fault) -> None:
    with a_faulty_api(faults=[fault]) as api:
        first, second = passes(sending_to(tmp_path, api))
    assert (receipt(first).in_doubt, receipt(second).accepted) == (7, 7)
    assert len(api.calls) == 2


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.THROTTLED_UNTIL, Fault.THROTTLED_SILENTLY])
def test_throttling_is_waited_for_and_is_no_failure(tmp_path: Path, fault: Fault) -> None:
    with a_faulty_api(faults=[fault, fault]) as api:
        sending = sending_to(tmp_path, api)
        report = sending.deliver()
    assert (receipt(report).accepted, report.failures) == (7, ())
    waited = {Fault.THROTTLED: 4, Fault.THROTTLED_UNTIL: 6, Fault.THROTTLED_SILENTLY: 15}[fault]
    assert sum(sending.clock.slept) == pytest.approx(waited, abs=0.1)


def test_a_provider_that_throttles_for_long_is_left_alone_until_another_pass(tmp_path: Path) -> None:
    with a_faulty_api(faults=[Fault.THROTTLED_SILENTLY] * 50) as api:
        report = sending_to(tmp_path, api).deliver()
    assert receipt(report).waiting == 7
    assert len(api.calls) < 5
    assert "7 mails go out later" in str(report.going_on[0])


@pytest.mark.parametrize("bad", [READERS[:1], READERS[-1:], READERS[2:5], [READERS[0], READERS[6]]])
@pytest.mark.parametrize("dialect", [ResendDialect(), StrictDialect()], ids=["names the bad", "refuses all"])
def test_the_bad_addresses_are_found_and_the_others_get_theirs(tmp_path: Path, bad: list[str], dialect: Dialect) -> None:
    with a_faulty_api(dialect) as api:
        api.truth.refused = dict.fromkeys(bad, "Invalid `to` field")
        reports = passes(sending_to(tmp_path, api))
    assert api.truth.mailed == Counter(one for one in READERS if one not in bad)
    assert str(receipt(reports[-1])) == f"owed 7  accepted {7 - len(bad)}  refused {len(bad)}  unknown 0"
    assert sum(count for _, count in receipt(reports[-1]).refused_by) == len(bad)


def test_a_mail_that_is_refused_for_everyone_costs_nobody_their_mail(tmp_path: Path) -> None:
    with a_faulty_api(StrictDialect()) as api:
        api.truth.refused = dict.fromkeys(READERS, "Invalid `subject` field")
        sending = sending_to(tmp_path, api)
        report = sending.deliver()
        assert (receipt(report).refused, receipt(report).waiting) == (0, 7)
        assert "refuses every mail of this issue" in failures(report)
        api.truth.refused.clear()
        assert receipt(sending.deliver(NOW + timedelta(hours=2))).accepted == 7
    assert api.truth.mailed == Counter(READERS)


def test_the_only_reader_is_refused_for_good(tmp_path: Path) -> None:
    with a_faulty_api(StrictDialect()) as api:
        api.truth.refused = {"one@example.net": "Invalid `to` field"}
        report = sending_to(tmp_path, api, "one@example.net").deliver()
    assert str(receipt(report)) == "owed 1  accepted 0  refused 1  unknown 0"


@pytest.mark.parametrize("seed", range(3))
def test_a_large_issue_through_mixed_faults_is_mailed_once(tmp_path: Path, seed: int) -> None:
    readers = [f"reader{number}@example.net" for number in range(650)]
    with a_faulty_api(faults=mixed(20, seed)) as api:
        reports = passes(sending_to(tmp_path, api, *readers))
    assert api.truth.mailed == Counter(readers)
    assert receipt(reports[-1]).accepted == 650


def test_a_quota_spreads_an_issue_over_days(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.net" for number in range(230)]
    with a_faulty_api() as api:
        sending = sending_to(tmp_path, api, *readers, per_day=100)
        first = sending.deliver()
        assert (receipt(first).accepted, receipt(first).waiting, first.failures) == (100, 130, ())
        assert "130 mails go out later, the last of them at about 2024-08-18 00:00 UTC" in str(first.going_on[0])
        assert receipt(sending.deliver(NOW + timedelta(hours=1))).accepted == 100
        assert receipt(sending.deliver(NOW + timedelta(days=1))).accepted == 200
        assert receipt(sending.deliver(NOW + timedelta(days=2))).accepted == 230
    assert api.truth.mailed == Counter(readers)


def test_the_second_provider_takes_what_the_first_refuses_for_the_account(tmp_path: Path) -> None:
    with a_faulty_api() as api:
        api.dialect = _NoAccount()
        sending = sending_to(tmp_path, api)
        sending.configure(**resend(api.port), second="outbox", outbox={"directory": "outbox"})
        report = sending.deliver()
    assert receipt(report).accepted == 7
    assert len(list((tmp_path / "outbox").iterdir())) == 7
    assert len(api.calls) == 1


def test_a_second_provider_of_small_batches_takes_those_of_the_first_in_pieces(tmp_path: Path) -> None:
    readers = [f"reader{number}@example.net" for number in range(230)]
    with a_faulty_api() as api, a_faulty_api(_NoAccount()) as another:
        sending = sending_to(tmp_path, api, *readers)
        mailgun = {"key": "key-secret", "domain": "mg.example.org", "url": f"http://127.0.0.1:{another.port}"}
        sending.configure(**resend(api.port) | {"provider": "mailgun", "mailgun": mailgun, "second": "resend"})
        report = sending.deliver()
    assert receipt(report).accepted == 230
    assert api.truth.mailed == Counter(readers)
    assert (len(another.calls), len(api.calls)) == (1, 3)
    assert Counter(sending.batch_states()) == {BatchState.SPLIT: 1, BatchState.ACCEPTED: 3}


class _NoAccount(ResendDialect):
    """Does not know our key, whichever provider it is."""

    def key(self, call: ApiCall) -> str:
        """None is needed to refuse it."""
        return call.path

    def take(self, call: ApiCall, truth: Truth) -> Answer:
        """401 for all."""
        return Answer(401, b'{"name": "invalid_api_key"}')
