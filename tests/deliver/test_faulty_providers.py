"""Whatever goes wrong between us and a mail API, every reader is mailed once, and the bad addresses are found."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hairfeed.models.reports import DeliverReport
from tests.deliver.dialects import (
    BrevoDialect,
    MailgunDialect,
    MailjetDialect,
    PostmarkDialect,
    SendGridDialect,
    SesDialect,
    SparkPostDialect,
    Speaker,
)
from tests.deliver.faulty_api import Fault, FaultyApi, a_faulty_api
from tests.deliver.sending import NOW, Sending, failures, receipt

READERS = [f"reader{number}@example.net" for number in range(7)]
SECTIONS: dict[str, tuple[Callable[[], Speaker], dict[str, Any]]] = {
    "brevo": (BrevoDialect, {"key": "k"}),
    "mailjet": (MailjetDialect, {"key": "k", "secret": "s"}),
    "ses": (SesDialect, {"key": "k", "secret": "s", "region": "eu-west-1"}),
    "mailgun": (MailgunDialect, {"key": "k", "domain": "hair.example.org"}),
    "postmark": (PostmarkDialect, {"token": "t"}),
    "postmark bulk": (PostmarkDialect, {"token": "t", "bulk": True}),
    "sendgrid": (SendGridDialect, {"key": "k"}),
    "sparkpost": (SparkPostDialect, {"key": "k"}),
}
REPEATED = ["brevo", "mailjet", "sparkpost"]
providers = pytest.mark.parametrize("provider", SECTIONS)
settling = pytest.mark.parametrize("provider", [name for name in SECTIONS if name != "ses"])
"""Those that can be repeated or asked."""

FAULTS = [Fault.THROTTLED, Fault.ERROR_BEFORE, Fault.RESET_AFTER, Fault.GARBAGE, Fault.GARBAGE_AFTER]
"""One of each kind; what is the same for all providers is tried out with one of them."""


def sending_to(folder: Path, api: FaultyApi, provider: str) -> Sending:
    """An issue to send there."""
    name = provider.split(maxsplit=1)[0]
    section = SECTIONS[provider][1] | {"url": f"http://127.0.0.1:{api.port}", "timeout": 30}
    sending = Sending(folder, **{"provider": name, name: section})
    sending.subscribe(*READERS)
    sending.approve()
    return sending


def passes(sending: Sending) -> list[DeliverReport]:
    """Passes three hours apart, as long as it takes any provider to be sure, until there is nothing more to do."""
    reports: list[DeliverReport] = []
    while len(reports) < 8:
        reports.append(sending.deliver(NOW + timedelta(hours=3 * len(reports))))
        if not (receipt(reports[-1]).waiting or receipt(reports[-1]).in_doubt):
            return reports
    raise AssertionError(f"still at work: {receipt(reports[-1])}; {failures(reports[-1])}")


@settling
@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_that_goes_wrong_is_made_good(tmp_path: Path, provider: str, fault: Fault) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [fault]) as api:
        reports = passes(sending_to(tmp_path, api, provider))
    assert api.truth.mailed == Counter(READERS)
    assert str(receipt(reports[-1])) == "owed 7  accepted 7  refused 0  unknown 0"


@pytest.mark.parametrize(
    ("provider", "fault"),
    [*((one, Fault.ERROR_BEFORE) for one in REPEATED), ("mailjet", Fault.RESET_AFTER), ("sparkpost", Fault.RESET_AFTER)],
)
def test_a_call_in_doubt_is_repeated_at_once_where_the_provider_knows_it(tmp_path: Path, provider: str, fault: Fault) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [fault]) as api:
        sending = sending_to(tmp_path, api, provider)
        assert receipt(sending.deliver()).in_doubt == 7
        assert receipt(sending.deliver(NOW + timedelta(minutes=5))).accepted == 7
    assert (dialect.looked_up, len(api.calls), api.truth.mailed) == (0, 2, Counter(READERS))


def test_a_key_that_brevo_knows_again_is_looked_into_later(tmp_path: Path) -> None:
    dialect = BrevoDialect()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, "brevo")
        sending.deliver()
        assert receipt(sending.deliver(NOW + timedelta(minutes=5))).in_doubt == 7
        assert receipt(sending.deliver(NOW + timedelta(minutes=70))).accepted == 7
    assert (dialect.looked_up, api.truth.mailed) == (1, Counter(READERS))


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.ERROR_BEFORE, Fault.RESET_AFTER, Fault.GARBAGE])
def test_what_ses_leaves_in_doubt_is_held_and_never_sent_twice(tmp_path: Path, fault: Fault) -> None:
    with a_faulty_api(SesDialect(), [fault]) as api:
        sending = sending_to(tmp_path, api, "ses")
        for hours in range(3):
            report = sending.deliver(NOW + timedelta(hours=hours))
    assert receipt(report).in_doubt == 7
    assert len(api.calls) == 1


def test_what_ses_throttles_is_sent_again(tmp_path: Path) -> None:
    with a_faulty_api(SesDialect(), [Fault.THROTTLED]) as api:
        reports = passes(sending_to(tmp_path, api, "ses"))
    assert (receipt(reports[-1]).accepted, api.truth.mailed) == (7, Counter(READERS))


@pytest.mark.parametrize("provider", [name for name in SECTIONS if name not in {"mailjet", "ses", "sparkpost"}])
def test_a_look_up_waits_until_its_answer_is_proof(tmp_path: Path, provider: str) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect, [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, provider)
        assert receipt(sending.deliver()).in_doubt == 7
        assert receipt(sending.deliver(NOW + timedelta(minutes=20))).in_doubt == 7
        assert dialect.looked_up == 0
        assert receipt(sending.deliver(NOW + timedelta(hours=3))).accepted == 7
    assert (dialect.looked_up, api.truth.mailed) == (1, Counter(READERS))


@providers
@pytest.mark.parametrize("bad", [READERS[2:5], [READERS[0], READERS[6]]], ids=["three", "both ends"])
def test_the_bad_addresses_are_found_and_the_others_get_theirs(tmp_path: Path, provider: str, bad: list[str]) -> None:
    with a_faulty_api(SECTIONS[provider][0]()) as api:
        api.truth.refused = dict.fromkeys(bad, "no such address")
        reports = passes(sending_to(tmp_path, api, provider))
    assert api.truth.mailed == Counter(one for one in READERS if one not in bad)
    assert str(receipt(reports[-1])) == f"owed 7  accepted {7 - len(bad)}  refused {len(bad)}  unknown 0"


@settling
def test_who_leaves_while_the_batch_is_in_doubt_is_not_mailed_again(tmp_path: Path, provider: str) -> None:
    with a_faulty_api(SECTIONS[provider][0](), [Fault.RESET_AFTER]) as api:
        sending = sending_to(tmp_path, api, provider)
        sending.deliver()
        sending.unsubscribe(READERS[3])
        for number in range(1, 4):
            sending.deliver(NOW + timedelta(hours=3 * number))
    assert api.truth.mailed == Counter(READERS)
    # SparkPost knows a key again, and not by which bytes: a person has the last word. Mailjet says yes to those who are left.
    told = sending.receipt_of(1)
    assert told.owed == 7
    assert (told.accepted, told.in_doubt) == {"sparkpost": (0, 6), "mailjet": (6, 0)}.get(provider, (7, 0))


@providers
def test_every_mail_bears_our_ids_and_none_is_tracked(tmp_path: Path, provider: str) -> None:
    dialect = SECTIONS[provider][0]()
    with a_faulty_api(dialect) as api:
        passes(sending_to(tmp_path, api, provider))
    ((key, mails),) = dialect.sent.items()
    assert [mail.metadata["hf_batch"] for mail in mails] == [key] * 7
    assert [int(mail.metadata["hf_subscriber"]) for mail in mails] == list(range(1, 8))
    assert not any(mail.tracked for mail in mails)
