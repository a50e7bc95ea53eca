"""Which addresses may be fetched: web addresses as they are written, and the IP addresses that their hosts turn out to have."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network
from urllib.parse import urlsplit, urlunsplit

from hairfeed.errors import NotAllowed

IPAddress = IPv4Address | IPv6Address

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA gives out for use on the open internet (RFC 4291 §2.4). Outside of it are loopback, link-local, unique local,
multicast, and the forms that wrap an IPv4 address: mapped, compatible, translated (RFC 6052, RFC 8215)."""

SPECIAL_NETWORKS = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network; 0.0.0.0 reaches the machine itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's address translation (RFC 6598)
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; clouds answer for their machines' secrets here
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: wraps an IPv4 address
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""IANA's registries of special-purpose addresses (RFC 6890). `ipaddress.is_global` knows them too, but gives other answers
in other patch releases of Python."""


def is_public(address: IPAddress) -> bool:
    """Whether an IP address belongs to the open internet.

    An IPv6 address that wraps an IPv4 one is not public, whatever it wraps: where it leads is for a router to decide.
    """
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return not any(address in network for network in SPECIAL_NETWORKS)


def fetchable(url: str) -> str:
    """`url` without its fragment, which is nothing that a server should see.

    Raises:
        NotAllowed: it is no address of the web, or it carries a user name or password.
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise NotAllowed(f"{url!r} is no web address: {error}") from error
    if "@" in parts.netloc:
        raise NotAllowed(f"{parts.scheme}://{host}: an address that holds a user name or password is not fetched; take it out")
    if parts.scheme not in {"http", "https"} or not host:
        raise NotAllowed(f"{url!r} is no web address; write it like https://example.com/page")
    return urlunsplit(parts._replace(fragment=""))


def origin(url: str) -> str:
    """Scheme, host and port of a fetchable address: what one robots.txt speaks for (RFC 9309 §2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def host(url: str) -> str:
    """The host of a fetchable address, whatever the port."""
    return urlsplit(url).hostname or ""


def is_same_page(one: str, other: str) -> bool:
    """Whether two addresses differ at most in what sites change without meaning another page: scheme, `www.`, a last slash."""
    return _bare(one) == _bare(other)


def _bare(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query
