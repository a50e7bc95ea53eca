"""The sender's domain in the DNS, asked of a server on this machine."""

import pytest

from hairfeed.operations.checks import Check, Level
from hairfeed.operations.mail_domain import check_domain
from hairfeed.settings.operations import Doctor
from tests.operations.dns_server import knowing

GOOD = {
    "hair.example.org": ["something else", "v=spf1 include:_spf.example.com -all"],
    "_dmarc.example.org": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"],
    "s1._domainkey.hair.example.org": ["v=DKIM1; k=rsa; p=" + "A" * 392],
}


def checks(records: dict[str, list[str]], *selectors: str, broken: bool = False) -> dict[str, Check]:
    with knowing(records, broken=broken) as resolver:
        found = list(check_domain("hair.example.org", Doctor(resolver=resolver, dkim_selectors=selectors)))
    assert all(one.do for one in found if one.level is not Level.OK)
    return {one.name: one for one in found}


def test_a_domain_with_all_records_is_well() -> None:
    assert {name: one.level for name, one in checks(GOOD, "s1").items()} == {"spf": "ok", "dkim": "ok", "dmarc": "ok"}


def test_a_key_of_several_strings_is_read_as_one() -> None:
    assert "s1._domainkey.hair.example.org has a key" in checks(GOOD, "s1")["dkim"].found


def test_a_domain_that_nobody_knows_fails() -> None:
    found = checks({}, "s1")
    assert {name: one.level for name, one in found.items()} == {"spf": "fail", "dkim": "fail", "dmarc": "fail"}
    assert 'publish at _dmarc.hair.example.org: "v=DMARC1; p=none' in found["dmarc"].do


def test_without_selectors_the_key_is_not_looked_at_and_that_is_said() -> None:
    assert checks(GOOD)["dkim"].level is Level.WARN


def test_a_dns_that_fails_is_no_verdict() -> None:
    assert {one.level for one in checks(GOOD, "s1", broken=True).values()} == {Level.WARN}


@pytest.mark.parametrize(
    ("records", "level", "said"),
    [
        (["v=spf1 -all", "v=spf1 mx -all"], Level.FAIL, "2 SPF records"),
        (["v=spf1 +all"], Level.FAIL, "lets everybody send"),
        (["v=spf1 include:_spf.example.com"], Level.WARN, "does not say what of others"),
        (["v=spf1 redirect=_spf.example.com"], Level.OK, "redirect"),
        (
            ["v=spf1 " + " ".join(f"include:s{number}.example.com" for number in range(11)) + " -all"],
            Level.FAIL,
            "needs 11 DNS lookups",
        ),
        (["v=spf10 -all"], Level.FAIL, "has no SPF record"),
        ([], Level.FAIL, "has no SPF record"),
    ],
)
def test_spf(records: list[str], level: Level, said: str) -> None:
    found = checks(GOOD | {"hair.example.org": records})["spf"]
    assert found.level is level
    assert said in found.found


@pytest.mark.parametrize(
    ("records", "level", "said"),
    [
        (["v=DMARC1; p=none"], Level.WARN, "lets forged mail through"),
        (["v=DMARC1; p=reject"], Level.OK, "_dmarc.hair.example.org"),
        (["v=DMARC1; rua=mailto:a@example.org"], Level.FAIL, "has no policy"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], Level.FAIL, "2 DMARC records"),
    ],
)
def test_the_nearest_dmarc_record_counts(records: list[str], level: Level, said: str) -> None:
    found = checks(GOOD | {"_dmarc.hair.example.org": records})["dmarc"]
    assert found.level is level
    assert said in found.found


def test_a_revoked_key_fails() -> None:
    assert checks(GOOD | {"s1._domainkey.hair.example.org": ["v=DKIM1; p="]}, "s1")["dkim"].level is Level.FAIL
