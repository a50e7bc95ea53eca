"""The sender's domain in the DNS: what mailbox providers ask before they take a mail (SPF, DKIM, DMARC)."""

from collections.abc import Iterator

import dns.exception
import dns.resolver

from hairfeed.operations.checks import Check, fail, ok, warn
from hairfeed.settings.operations import Doctor

TIMEOUT = 5.0
"""Seconds for one question."""
_MANY_LOOKUPS = 10  # RFC 7208 §4.6.4


class _Unknown(Exception):
    """The DNS gives no answer, so nothing is known."""


def check_domain(domain: str, options: Doctor) -> Iterator[Check]:
    """What the DNS says about mail from `domain`."""
    try:
        resolver = _resolver(options.resolver)
    except dns.exception.DNSException as error:
        yield warn("dns", f"no DNS server to ask: {error}", "set doctor.resolver")
        return
    for name, check in (("spf", _spf), ("dmarc", _dmarc)):
        try:
            yield check(resolver, domain)
        except _Unknown as error:
            yield warn(name, str(error), "ask again later, or set doctor.resolver")
    if not options.dkim_selectors:
        yield warn("dkim", "not looked at", 'name your provider\'s selectors: [doctor] dkim_selectors = ["s1"]')
    for selector in options.dkim_selectors:
        try:
            yield _dkim(resolver, f"{selector}._domainkey.{domain}")
        except _Unknown as error:
            yield warn("dkim", str(error), "ask again later, or set doctor.resolver")


def _resolver(address: str | None) -> dns.resolver.Resolver:
    if address is None:
        resolver = dns.resolver.Resolver()
    else:
        host, _, port = address.partition("#")
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [host], int(port or 53)
    resolver.lifetime = TIMEOUT
    return resolver


def _texts(resolver: dns.resolver.Resolver, name: str, begins: str) -> list[str]:
    """The TXT records of `name` that begin like that."""
    try:
        answer = resolver.resolve(name, "TXT", raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return []
    except dns.exception.DNSException as error:
        raise _Unknown(f"{name}: the DNS gives no answer ({type(error).__name__})") from error
    texts = [b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()]
    return [text for text in texts if text.lower().startswith(begins)]


def _spf(resolver: dns.resolver.Resolver, domain: str) -> Check:
    records = [text for text in _texts(resolver, domain, "v=spf1") if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return fail("spf", f"{domain} has no SPF record", "publish the one that your mail provider names (TXT, v=spf1 …)")
    if len(records) > 1:
        return fail("spf", f"{domain} has {len(records)} SPF records, which count as none", "join them to one")
    terms = records[0].lower().split()[1:]
    if any(term in ("all", "+all") for term in terms):
        return fail("spf", f"{domain} lets everybody send ({records[0]})", "end it with ~all or -all")
    asking = sum(
        term.lstrip("+-~?").startswith(("include:", "a", "mx", "ptr", "exists:", "redirect=")) and "all" not in term
        for term in terms
    )
    if asking > _MANY_LOOKUPS:
        return fail(
            "spf", f"{domain} needs {asking} DNS lookups, more than the 10 that are allowed", "leave out what you do not use"
        )
    if not any(term.endswith("all") for term in terms) and "redirect=" not in records[0]:
        return warn("spf", f"{domain} does not say what of others ({records[0]})", "end it with ~all or -all")
    return ok("spf", f"{domain}: {records[0]}")


def _dmarc(resolver: dns.resolver.Resolver, domain: str) -> Check:
    # Where a subdomain has none, that of a domain above it counts (RFC 7489 §6.6.3): we take the nearest.
    labels = domain.split(".")
    for above in range(max(1, len(labels) - 1)):
        name = "_dmarc." + ".".join(labels[above:])
        records = _texts(resolver, name, "v=dmarc1")
        if len(records) > 1:
            return fail("dmarc", f"{name} has {len(records)} DMARC records, which count as none", "leave one")
        if records:
            tags = dict(part.strip().lower().partition("=")[::2] for part in records[0].split(";") if "=" in part)
            if tags.get("p") not in ("none", "quarantine", "reject"):
                return fail("dmarc", f"{name} has no policy ({records[0]})", "add p=none, p=quarantine or p=reject")
            if tags["p"] == "none":
                return warn("dmarc", f"{name} lets forged mail through (p=none)", "after some weeks of good reports: p=quarantine")
            return ok("dmarc", f"{name}: {records[0]}")
    return fail(
        "dmarc", f"{domain} has no DMARC record", f'publish at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:you@{domain}"'
    )


def _dkim(resolver: dns.resolver.Resolver, name: str) -> Check:
    keys = [text for text in _texts(resolver, name, "") if "p=" in text]
    if not keys:
        return fail("dkim", f"{name} has no key", "publish the one that your mail provider names, or mend doctor.dkim_selectors")
    tags = dict(part.strip().partition("=")[::2] for part in keys[0].split(";") if "=" in part)
    if not tags.get("p"):
        return fail("dkim", f"{name} is revoked (its p= is empty)", "publish the provider's present key")
    return ok("dkim", f"{name} has a key")
