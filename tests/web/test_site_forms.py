"""Forms on the site's own pages, plain or sent by a script: what they say was shown, and who may use them."""

import re
from typing import Any

from sqlalchemy import select

from hairfeed.store.schema.subscribers import sign_ups
from hairfeed.text.translations import translations
from hairfeed.web.joining import wording
from hairfeed.web.snippet import snippet
from tests.web.readers import BASE, READER, SITE, Readers
from tests.web.test_sign_up import waiting


def form_of(snippet: str) -> str:
    """The version of a form for the site."""
    found = re.search(r'name="form" value="(\w+)"', snippet)
    assert found is not None
    return found[1]


def wording_in(language: str) -> str:
    return wording(translations(language))


def test_the_snippet_for_the_site_works_from_the_site_alone(readers: Readers) -> None:
    form = snippet(readers.publication.settings, "")
    assert f'action="{BASE}/"' in form
    assert re.findall(r'name="(\w+)"', form) == ["lang", "form", "email", "newsletter", "newsletter", "website"]
    fields = {"email": READER, "newsletter": "weekly", "lang": "en", "form": form_of(form)}
    assert readers.post("/", fields, headers={"Origin": "https://elsewhere.example.com"}).status_code == 200
    assert waiting(readers) == []
    assert readers.post("/", fields, headers={"Origin": SITE}).status_code == 303
    assert waiting(readers) == [READER]


def test_the_site_has_what_its_own_form_needs(readers: Readers) -> None:
    answer = readers.get("/api/subscribe", headers={"Origin": SITE})
    found = answer.json()
    assert [one["name"] for one in found["newsletters"]] == ["weekly", "monthly"]
    assert found["wording"] in readers.get("/").text
    assert answer.headers["access-control-allow-origin"] == SITE


def test_the_site_can_subscribe_by_json(readers: Readers) -> None:
    offer = readers.get("/api/subscribe?lang=de").json()
    body = {"email": READER, "newsletter": ["weekly"], "name": "Ann", "lang": offer["language"], "form": offer["form"]}
    answer = readers.post("/api/subscribe", json=body, headers={"Origin": SITE})
    assert answer.status_code == 202
    with readers.ledger.read() as connection:
        (kept,) = connection.execute(select(sign_ups.c.email, sign_ups.c.wording, sign_ups.c.form, sign_ups.c.source))
    assert kept == (READER, offer["wording"], offer["form"], f"a form on the site, {SITE}")


def test_nobody_agrees_to_words_that_did_not_stand_there(readers: Readers) -> None:
    """A form in the site's pages may be years old; and a program may have shown words of another language."""
    german = form_of(snippet(readers.publication.settings, "de"))
    assert re.search(re.escape(wording_in("de")), snippet(readers.publication.settings, "de"))
    fields: dict[str, Any] = {"email": READER, "newsletter": ["weekly"], "name": "Ann", "lang": "en"}
    for version in (None, "", "0123456789ab", german):
        sent = fields if version is None else fields | {"form": version}
        page = readers.post("/", sent, headers={"Origin": SITE})
        assert (page.status_code, wording_in("en") in page.text) == (200, True)
        assert "One more step" in page.text
        assert 'value="Ann"' in page.text
        refused = readers.post("/api/subscribe", json=sent, headers={"Origin": SITE})
        assert (refused.status_code, set(refused.json()["faults"])) == (422, {"form"})
        assert refused.json()["wording"] == wording_in("en")
    assert waiting(readers) == []
    again = fields | {"form": refused.json()["form"]}
    assert readers.post("/api/subscribe", json=again, headers={"Origin": SITE}).status_code == 202


def test_a_script_of_the_site_can_read_every_answer(readers: Readers) -> None:
    """What it may not read is to it as if the network had failed."""
    readers.close()
    readers.publication.configure("[web]\n", "[web]\nsign_ups_per_hour = 1\n")
    readers.open()
    form = readers.get("/api/subscribe").json()["form"]
    good = {"email": READER, "newsletter": ["weekly"], "form": form}
    cases: list[tuple[dict[str, Any], int]] = [
        ({"json": good}, 202),
        ({"json": good}, 429),
        ({"json": {"email": "x"}}, 422),
        ({"json": []}, 400),
        ({"content": b"x"}, 415),
        ({"json": {"name": "x" * 20_000}}, 413),
    ]
    for more, status in cases:
        answer = readers.post("/api/subscribe", headers={"Origin": SITE}, **more)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == SITE
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert "Origin" in answer.headers["vary"]
        other = readers.post("/api/subscribe", headers={"Origin": "https://elsewhere.example.com"}, **more)
        assert "access-control-allow-origin" not in other.headers
    assert readers.client.put("/mail/api/subscribe", headers={"Origin": SITE}).headers["access-control-allow-origin"] == SITE


def test_other_sites_cannot_subscribe_by_json(readers: Readers) -> None:
    body = {"email": READER, "newsletter": ["weekly"]}
    for headers in ({}, {"Origin": "https://elsewhere.example.com"}, {"Origin": "null"}):
        answer = readers.post("/api/subscribe", json=body, headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
        preflight = readers.client.options("/mail/api/subscribe", headers=headers)
        assert "access-control-allow-origin" not in preflight.headers
    assert waiting(readers) == []
    preflight = readers.client.options("/mail/api/subscribe", headers={"Origin": SITE})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, SITE)


def test_faults_in_json_have_names(readers: Readers) -> None:
    answer = readers.post("/api/subscribe", json={"email": "x", "newsletter": ["daily"]}, headers={"Origin": SITE})
    assert answer.status_code == 422
    assert set(answer.json()["faults"]) == {"email", "newsletter"}
