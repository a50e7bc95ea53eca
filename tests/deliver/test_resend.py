"""Digests through Resend, played by an HTTP server that keeps the truth of who was mailed."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hairfeed.models.issues import BatchState
from tests.deliver.relays import free_port
from tests.deliver.sending import HTML, NOW, SOON, Sending, failures, receipt

READERS = ["a@example.net", "b@example.net", "c@example.net"]
ALL = Counter(READERS)
HANG_UP = 0
"""Instead of a status: break the connection."""


@dataclass
class Api:
    """Takes batches once a key, as the real one does; `faults` are what it answers instead, one a call."""

    port: int = 0
    mailed: Counter[str] = field(default_factory=Counter)
    answers: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    """By key: the body it was used with, and what was answered."""
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Path, headers and body of every call."""
    refused: dict[str, str] = field(default_factory=dict)
    before: list[tuple[int, Any]] = field(default_factory=list)
    """Status and answer to the next calls, of which nothing is taken."""
    after: list[tuple[int, Any]] = field(default_factory=list)
    """The same, but the batch is taken before."""

    @property
    def keys(self) -> list[str]:
        """Of every call."""
        return [headers["Idempotency-Key"] for _, headers, _ in self.calls]

    def answer(self, key: str, body: bytes) -> tuple[int, Any]:
        """What the call is answered with."""
        if self.before:
            return self.before.pop(0)
        if key in self.answers and self.answers[key][0] != body:
            return 409, {"statusCode": 409, "name": "invalid_idempotent_request", "message": "used with another payload"}
        if key not in self.answers:
            self.answers[key] = (body, json.dumps(self._take(json.loads(body))).encode())
        return self.after.pop(0) if self.after else (200, self.answers[key][1])

    def _take(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        people = [item["to"][0] for item in items]
        taken = [person for person in people if person not in self.refused]
        self.mailed.update(taken)
        errors = [{"index": at, "message": self.refused[who]} for at, who in enumerate(people) if who in self.refused]
        return {"data": [{"id": f"id-{person}"} for person in taken], "errors": errors}


def a_call(api: Api) -> type[BaseHTTPRequestHandler]:
    class Call(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            api.calls.append((self.path, dict(self.headers), body))
            status, answer = api.answer(self.headers["Idempotency-Key"], body)
            self.close_connection = True
            if status == HANG_UP:
                return
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Call


@pytest.fixture
def api() -> Iterator[Api]:
    """The API on localhost."""
    api = Api()
    with ThreadingHTTPServer(("127.0.0.1", 0), a_call(api)) as server:
        api.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield api
        server.shutdown()
        thread.join()


def resend(port: int, **more: Any) -> dict[str, Any]:
    """A `[mail]` for the API at `port`."""
    return {"provider": "resend", "resend": {"key": "re_secret", "url": f"http://127.0.0.1:{port}", "timeout": 60}} | more


@pytest.fixture
def sending(tmp_path: Path, api: Api) -> Sending:
    """An issue to send to three readers."""
    sending = Sending(tmp_path, **resend(api.port))
    sending.subscribe(*READERS)
    sending.approve()
    return sending


def test_every_reader_is_mailed_once(sending: Sending, api: Api) -> None:
    report = sending.deliver()
    assert (str(receipt(report)), report.failures) == ("owed 3  accepted 3  refused 0  unknown 0", ())
    assert api.mailed == ALL


def test_another_pass_calls_no_more(sending: Sending, api: Api) -> None:
    sending.deliver()
    sending.deliver(SOON)
    assert len(api.calls) == 1


def test_the_call_is_the_documented_one(sending: Sending, api: Api) -> None:
    sending.deliver()
    ((path, headers, body),) = api.calls
    assert path == "/emails/batch"
    assert headers["Authorization"] == "Bearer re_secret"
    assert headers["Content-Type"] == "application/json"
    assert headers["x-batch-validation"] == "permissive"
    assert 1 <= len(headers["Idempotency-Key"]) <= 256
    assert len(json.loads(body)) == 3


def test_a_mail_has_the_documented_form(sending: Sending, api: Api) -> None:
    sending.deliver()
    ((_, headers, body),) = api.calls
    item = json.loads(body)[0]
    message_id = item["headers"].pop("Message-ID")
    assert message_id.startswith("<weekly.1.")
    assert item == {
        "from": "Plain Hair Weekly <weekly@hair.example.org>",
        "to": ["a@example.net"],
        "reply_to": "editor@hair.example.org",
        "subject": "How hair grows",
        "html": HTML,
        "text": "Words.\n",
        "headers": {
            "List-Id": "Plain Hair Weekly <weekly.hair.example.org>",
            "List-Unsubscribe": "<mailto:editor@hair.example.org?subject=Unsubscribe%3A%20weekly>",
            "List-Help": "<mailto:editor@hair.example.org?subject=Help%3A%20weekly>",
            "List-Owner": "<mailto:editor@hair.example.org>",
            "Feedback-ID": "1:weekly:digest:hairfeed",
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
        },
        "tags": [{"name": "hf_batch", "value": headers["Idempotency-Key"]}, {"name": "hf_subscriber", "value": "1"}],
    }


def test_a_call_holds_a_hundred_mails_and_every_call_has_its_own_key(tmp_path: Path, api: Api) -> None:
    sending = Sending(tmp_path, **resend(api.port))
    sending.subscribe(*(f"reader{number}@example.net" for number in range(201)))
    sending.approve()
    assert receipt(sending.deliver()).accepted == 201
    assert [len(json.loads(body)) for *_, body in api.calls] == [100, 100, 1]
    assert len(set(api.keys)) == 3
    assert set(api.mailed.values()) == {1}


def test_a_refused_recipient_is_counted_and_the_others_get_theirs(sending: Sending, api: Api) -> None:
    api.refused["b@example.net"] = "Invalid `to` field"
    assert str(receipt(sending.deliver())) == "owed 3  accepted 2  refused 1  unknown 0"
    assert sending.refusal_reasons() == [("refused", "Invalid `to` field")]


NOTHING_TAKEN = [
    (401, {"name": "missing_api_key"}, "check mail.resend.key"),
    (403, {"name": "validation_error"}, "check mail.resend.key, mail.resend.url and the domain of mail.from"),
    (409, {"name": "concurrent_idempotent_requests"}, "waits for the next pass"),
]


@pytest.mark.parametrize(("status", "answer", "said"), NOTHING_TAKEN)
def test_after_a_no_the_batch_waits_for_the_next_pass(
    sending: Sending, api: Api, status: int, answer: dict[str, str], said: str
) -> None:
    api.before = [(status, answer)]
    report = sending.deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert said in failures(report)
    assert str(receipt(sending.deliver(SOON + timedelta(days=9)))) == "owed 3  accepted 3  refused 0  unknown 0"
    assert api.mailed == ALL


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_connection_nothing_is_in_doubt(tmp_path: Path, api: Api, scheme: str) -> None:
    # Nobody listens, or somebody who speaks no TLS.
    port = free_port() if scheme == "http" else api.port
    sending = Sending(tmp_path, **resend(port))
    sending.configure(**resend(port, resend={"key": "re_secret", "url": f"{scheme}://127.0.0.1:{port}"}))
    sending.subscribe(*READERS)
    sending.approve()
    report = sending.deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 0  waiting 3"
    assert "check the network and mail.resend.url" in failures(report)


IN_DOUBT = [
    (500, {"name": "internal_server_error"}),
    (502, b"<html>Bad gateway"),
    (HANG_UP, None),
    (200, b"<html>welcome"),
    (200, []),
    (200, {}),
    (200, {"data": None}),
    (200, {"data": [{"id": "1"}]}),
    (200, {"data": [{"nothing": 1}] * 3}),
    (200, {"data": [{"id": "1"}], "errors": [{"index": 1, "message": "x"}] * 2}),
    (200, {"data": [{"id": "1"}, {"id": "2"}], "errors": [{"index": 9, "message": "x"}]}),
    (200, {"data": [{"id": "1"}, {"id": "2"}], "errors": [{"index": -1, "message": "x"}]}),
    (200, {"data": [{"id": "1"}, {"id": "2"}], "errors": ["x"]}),
    (202, {"data": [{"id": "1"}] * 3}),
]


@pytest.mark.parametrize(("status", "answer"), IN_DOUBT)
def test_without_a_clear_answer_the_batch_is_unknown(sending: Sending, api: Api, status: int, answer: object) -> None:
    api.after = [(status, answer)]
    report = sending.deliver()
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 3"
    assert "batch 0 is in doubt" in failures(report)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("status", "answer"), IN_DOUBT)
def test_a_batch_in_doubt_is_repeated_under_its_key(sending: Sending, api: Api, when: str, status: int, answer: object) -> None:
    setattr(api, when, [(status, answer)])
    sending.deliver()
    assert str(receipt(sending.deliver(SOON))) == "owed 3  accepted 3  refused 0  unknown 0"
    assert api.mailed == ALL
    assert api.calls[0][2] == api.calls[1][2]
    assert len(set(api.keys)) == 1


def test_a_batch_in_flight_at_a_crash_is_repeated_under_its_key(sending: Sending, api: Api) -> None:
    api.after = [(500, {})]
    sending.deliver()
    sending.leave_in_flight()
    assert receipt(sending.deliver(SOON)).accepted == 3
    assert api.mailed == ALL


@pytest.mark.parametrize("hours", [24, 24 * 30, -24])
def test_a_key_that_may_be_forgotten_is_not_used_again(sending: Sending, api: Api, hours: int) -> None:
    api.after = [(500, {})]
    sending.deliver()
    report = sending.deliver(NOW + timedelta(hours=hours))
    assert str(receipt(report)) == "owed 3  accepted 0  refused 0  unknown 3"
    assert "nobody knows whether batch 0 went out" in failures(report)
    assert len(api.calls) == 1


def test_a_keys_day_begins_with_its_first_use(sending: Sending, api: Api) -> None:
    api.after = [(500, {}), (500, {})]
    sending.deliver()
    sending.deliver(NOW + timedelta(hours=22))
    report = sending.deliver(NOW + timedelta(hours=44))
    assert len(api.calls) == 2
    assert receipt(report).unknown == 3


def test_a_throttled_repetition_keeps_its_doubt(sending: Sending, api: Api) -> None:
    api.after = [(500, {})]
    sending.deliver()
    api.before = [(429, {})] * 9
    assert receipt(sending.deliver(SOON)).unknown == 3
    assert sending.batch_states() == [BatchState.IN_DOUBT]
    api.before.clear()
    sending.deliver(NOW + timedelta(days=2))
    assert api.mailed == ALL


def test_a_batch_that_will_be_repeated_asks_nobody_to_decide(sending: Sending, api: Api) -> None:
    api.after = [(500, {})]
    assert "nobody knows" not in failures(sending.deliver())


def test_a_reader_who_left_meanwhile_is_not_mailed_by_the_repetition(sending: Sending, api: Api) -> None:
    api.before = [(500, {})]
    sending.deliver()
    sending.unsubscribe("b@example.net")
    assert str(receipt(sending.deliver(SOON))) == "owed 3  accepted 2  refused 0  unknown 0  left out 1"
    assert api.mailed == Counter(["a@example.net", "c@example.net"])


def test_a_reader_who_left_too_late_counts_as_accepted(sending: Sending, api: Api) -> None:
    api.after = [(500, {})]
    sending.deliver()
    sending.unsubscribe("b@example.net")
    assert str(receipt(sending.deliver(SOON))) == "owed 3  accepted 3  refused 0  unknown 0"
    assert api.mailed == ALL


def test_the_key_is_in_no_message(sending: Sending, api: Api) -> None:
    api.before = [(401, {"message": "no such key"})]
    assert "re_secret" not in failures(sending.deliver())
