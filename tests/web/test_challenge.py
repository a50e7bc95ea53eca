"""The challenge of the subscribe page: what is taken, what waits, what is refused, and what each is told."""

import base64
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from altcha import Payload, solve_challenge
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hairfeed.store.schema.subscribers import sign_ups
from hairfeed.templates import csp_hash
from hairfeed.web.challenge import Challenges
from hairfeed.web.snippet import snippet
from tests.conftest import FRIDAY
from tests.web.readers import READER, SITE, Readers

OTHER = "other@example.net"
OURS = Challenges(b"ours")
KEYS = st.sampled_from(["challenge", "solution", "parameters", "signature", "nonce", "data", "counter"])


def solved(text: str) -> str:
    """A form's stamp as the script leaves it."""
    payload = Payload.from_base64(text)
    found = solve_challenge(payload.challenge)
    assert found is not None
    return Payload(payload.challenge, found).to_base64()


@pytest.fixture(scope="module")
def good() -> str:
    """A solved challenge, made on Friday."""
    return solved(OURS.unsolved(FRIDAY))


def stamp_in(page: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def send(readers: Readers, stamp: str, email: str = READER, **more: str) -> Any:
    return readers.post("/", {"email": email, "newsletter": "weekly", "stamp": stamp, **more})


def waiting(readers: Readers) -> list[tuple[str, str]]:
    """The sign-ups that no pass has seen: address and source."""
    with readers.ledger.read() as connection:
        return [(row.email, row.source) for row in connection.execute(select(sign_ups))]


def changed(text: str, change: Callable[[Any], object]) -> str:
    """A stamp with something else in it."""
    content = json.loads(base64.b64decode(text))
    change(content)
    return base64.b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    ("is_solved", "seconds", "is_ripe"),
    [(True, 1, False), (True, 2, True), (False, 2, False), (False, 29, False), (False, 30, True)],
)
def test_a_solution_saves_the_wait(good: str, is_solved: bool, seconds: int, is_ripe: bool) -> None:
    text = good if is_solved else OURS.unsolved(FRIDAY)
    returned = OURS.read(text, FRIDAY + timedelta(seconds=seconds))
    assert returned is not None
    assert (returned.is_solved, returned.is_ripe) == (is_solved, is_ripe)


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["challenge"]["parameters"].update(cost=1),
        lambda it: it["challenge"]["parameters"].update(keyPrefix=""),
        lambda it: it["challenge"]["parameters"].update(nonce="00" * 16),
        lambda it: it["challenge"]["parameters"]["data"].update(made=0),
        lambda it: it["challenge"]["parameters"].update(data=None),
        lambda it: it["challenge"]["parameters"].update(expiresAt=1),
        lambda it: it["challenge"].update(signature=None),
        lambda it: it["challenge"].update(parameters=[]),
        lambda it: it.update(solution="x"),
        lambda it: it.clear(),
    ],
)
def test_a_challenge_that_was_tampered_with_is_none(good: str, change: Callable[[Any], object]) -> None:
    assert OURS.read(changed(good, change), FRIDAY) is None


def test_challenges_of_others_and_of_yesterday_are_none(good: str) -> None:
    assert Challenges(b"theirs").read(good, FRIDAY) is None
    assert OURS.read(good, FRIDAY + timedelta(days=1)) is not None
    assert OURS.read(good, FRIDAY + timedelta(days=1, seconds=1)) is None


@pytest.mark.parametrize("solution", [{"counter": 1, "derivedKey": "00" * 32}, {"counter": [], "derivedKey": {}}])
def test_a_wrong_solution_is_as_good_as_none(good: str, solution: dict[str, object]) -> None:
    returned = OURS.read(changed(good, lambda it: it.update(solution=solution)), FRIDAY)
    assert returned is not None
    assert not returned.is_solved


@given(
    st.text() | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))
)
def test_rubbish_is_none(content: object) -> None:
    text = content if isinstance(content, str) else base64.b64encode(json.dumps(content).encode()).decode()
    assert OURS.read(text, FRIDAY) is None


def test_only_the_subscribe_page_runs_its_script_and_nothing_else(guarded: Readers) -> None:
    answer = guarded.get("/")
    (script,) = re.findall(r"<script>(.+?)</script>", answer.text, re.DOTALL)
    assert f"default-src 'none'; script-src {csp_hash(script)}; style-src" in answer.headers["content-security-policy"]
    assert "<noscript>" in answer.text
    for path in ("/sent", "/u/nonsense"):
        other = guarded.get(path)
        assert "<script" not in other.text
        assert "script-src" not in other.headers["content-security-policy"]


def test_without_the_setting_there_is_no_script(readers: Readers) -> None:
    answer = readers.get("/")
    assert "script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "challenge" not in readers.get("/api/subscribe").json()


def test_looking_writes_nothing(guarded: Readers) -> None:
    before = guarded.rows()
    guarded.get("/")
    guarded.client.head("/mail/")
    guarded.get("/api/subscribe")
    assert guarded.rows() == before


def test_a_solution_is_good_once(guarded: Readers) -> None:
    stamp = solved(guarded.stamp())
    assert send(guarded, stamp).status_code == 303
    again = send(guarded, stamp, OTHER)
    assert again.status_code == 200
    assert "was sent before" in again.text
    assert waiting(guarded) == [(READER, "the subscribe page")]
    # The page that says so has another challenge.
    guarded.later(seconds=30)
    assert send(guarded, stamp_in(again.text), OTHER).status_code == 303


def test_of_many_with_one_solution_at_once_one_is_taken(guarded: Readers) -> None:
    stamp = solved(guarded.stamp())
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda number: send(guarded, stamp, f"{number}@example.net"), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 303]
    assert len(waiting(guarded)) == 1


def test_an_unsolved_form_waits_half_a_minute_from_its_first_page_on(guarded: Readers) -> None:
    stamp = guarded.stamp()
    before = guarded.rows()
    early = send(guarded, stamp)
    assert early.status_code == 200
    assert READER in early.text
    assert "wait half a minute" in early.text
    assert guarded.rows() == before
    faulty = send(guarded, stamp_in(early.text), "reader")
    assert faulty.status_code == 422
    assert stamp_in(faulty.text) == stamp
    guarded.later(seconds=25)
    assert send(guarded, stamp).status_code == 303
    assert "was sent before" in send(guarded, stamp, OTHER).text


def test_a_challenge_that_is_too_old_is_replaced(guarded: Readers) -> None:
    stamp = guarded.stamp()
    guarded.later(days=2)
    answer = send(guarded, stamp)
    assert "once more" in answer.text
    assert stamp_in(answer.text) != stamp
    assert waiting(guarded) == []


def test_solutions_sent_again_and_again_are_limited_as_sign_ups_are(guarded: Readers) -> None:
    stamp = solved(guarded.stamp())
    statuses = [send(guarded, stamp).status_code for _ in range(21)]
    assert statuses == [303] + [200] * 19 + [429]


def test_the_answer_is_the_same_whatever_is_known_of_the_address(guarded: Readers) -> None:
    known = "known@example.net"
    guarded.join(known, stamp=solved(guarded.stamp()))
    assert guarded.states(known)
    for wait in (5, 30):
        answers = []
        for email in (known, OTHER):
            stamp = guarded.stamp()
            guarded.later(seconds=wait)
            answer = send(guarded, stamp, email)
            text = answer.text.replace(email, "").replace(stamp, "")
            answers.append((answer.status_code, answer.headers, text))
        assert answers[0] == answers[1]


def test_the_snippet_leads_to_the_page_filled_in(guarded: Readers) -> None:
    assert "stamp" not in snippet(guarded.publication.settings, "")
    answer = guarded.post("/", {"email": READER, "newsletter": "weekly", "lang": "en"}, headers={"Origin": SITE})
    assert answer.status_code == 200
    assert "One more step" in answer.text
    assert f'value="{READER}"' in answer.text
    assert re.search(r'value="weekly" checked', answer.text)
    assert waiting(guarded) == []
    guarded.later(seconds=2)
    assert send(guarded, solved(stamp_in(answer.text))).status_code == 303


def test_the_site_can_subscribe_by_json_with_a_solution(guarded: Readers) -> None:
    found = guarded.get("/api/subscribe", headers={"Origin": SITE})
    assert found.headers["access-control-allow-origin"] == SITE
    assert found.headers["cache-control"] == "no-store"
    guarded.later(seconds=2)
    payload = {"challenge": found.json()["challenge"], "solution": {"counter": 0, "derivedKey": ""}}
    stamp = solved(base64.b64encode(json.dumps(payload).encode()).decode())
    body = {"email": READER, "newsletter": ["weekly"], "form": found.json()["form"]}
    for stamps in ({}, {"stamp": "x"}, {"stamp": base64.b64encode(json.dumps(payload).encode()).decode()}):
        refused = guarded.post("/api/subscribe", json=body | stamps, headers={"Origin": SITE})
        assert (refused.status_code, set(refused.json()["faults"])) == (422, {"stamp"})
        assert refused.json()["challenge"]["signature"]
    assert waiting(guarded) == []
    assert guarded.post("/api/subscribe", json=body | {"stamp": stamp}, headers={"Origin": SITE}).status_code == 202
    assert waiting(guarded) == [(READER, f"a form on the site, {SITE}")]
    replayed = guarded.post("/api/subscribe", json=body | {"stamp": stamp}, headers={"Origin": SITE})
    assert (replayed.status_code, set(replayed.json()["faults"])) == (422, {"stamp"})


def test_other_sites_cannot_read_a_challenge(guarded: Readers) -> None:
    answer = guarded.get("/api/subscribe", headers={"Origin": "https://elsewhere.example.com"})
    assert "access-control-allow-origin" not in answer.headers
