"""Notices of all providers, signed as they sign, with something unexpected in them: no fault of ours, nor of the pass."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import Publication
from tests.deliver.telling import IDENTITIES
from tests.deliver.test_notices import KINDS, NOW, POSTERS, READER, brevo, hook
from tests.web.readers import Readers

SAMPLES = [(provider, notice) for provider, notice, _ in KINDS]
WHOLE = count()
"""Of notices that are as they should be: one stands behind all garbled ones, and must be reached."""
Place = tuple[str | int, ...]

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
ODD = (
    LEAVES
    | st.lists(LEAVES, max_size=3)
    | st.dictionaries(st.text(max_size=5), LEAVES, max_size=2)
    | st.sampled_from(
        ["\x00", "\ud800", "9" * 5000, "0001-01-01", "9999-12-31T23:59:59-23:59", -(10**15), 10**300, 1e308, READER.upper()]
    )
)


@dataclass(frozen=True)
class Garbled:
    """A notice with one or two places that hold something else, or nothing."""

    provider: str
    number: int
    notice: Any
    is_forged: bool


def places_in(said: Any, before: Place = ()) -> Iterator[Place]:
    """Where there is something in it."""
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in inner:
        yield (*before, key)
        yield from places_in(value, (*before, key))


@st.composite
def garbled(draw: st.DrawFn) -> Garbled:
    """Any provider's, about anything."""
    provider, sample = draw(st.sampled_from(SAMPLES))
    number = draw(st.integers(0, 1_000_000))
    text = json.dumps(sample)
    for identity in IDENTITIES:
        text = text.replace(identity, f"{identity}-{number}")
    notice = json.loads(text)
    for _ in range(draw(st.integers(1, 2))):
        found = list(places_in(notice))
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        around = notice
        for key in way:
            around = around[key]
        if draw(st.booleans()):
            around[last] = draw(ODD)
        else:
            del around[last]
    return Garbled(provider, number, notice, draw(st.integers(0, 5)) == 0)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """A publication that every provider calls."""
    readers = Readers(Publication(tmp_path_factory.mktemp("told") / "site"), hooks={name: hook(name) for name in POSTERS})
    readers.now = NOW
    yield readers
    readers.close()


@settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.lists(garbled(), min_size=30, max_size=60))
def test_a_garbled_notice_is_kept_or_refused_and_the_pass_goes_on(told: Readers, notices: list[Garbled]) -> None:
    for one in notices:
        poster = POSTERS[one.provider]
        # Mailgun signs a token of its own for each notice.
        token = {"token": f"t{one.number}"} if one.provider == "mailgun" and not one.is_forged else {}
        headers, body = (poster.forge if one.is_forged else poster.sign)(one.notice, NOW, **token)
        answer = told.post(f"/hooks/{one.provider}", content=body, headers={"Content-Type": "application/json"} | headers)
        assert answer.status_code in ({401} if one.is_forged else {200, 400}), (one, answer.text)
    headers, body = POSTERS["brevo"].sign(brevo("delivered", **{"message-id": f"whole-{next(WHOLE)}"}), NOW)
    assert told.post("/hooks/brevo", content=body, headers=headers).status_code == 200
    report = told.run()
    assert report.failures == []
    assert report.subscribers.events > 0
