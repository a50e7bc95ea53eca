"""Who asks, behind whatever web servers stand between: for limits, and for the proof of consent where the config says so. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_SHARED = {4: 24, 6: 64}
"""Bits of an address that all have in common who share a network: what one customer usually gets."""
_MOST_HOPS = 20


def client_address(
    peer: str | None, forwarded: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]
) -> IPv4Address | IPv6Address | None:
    """The address of whoever asked: the last one that no trusted proxy has; None when nobody knows.

    `forwarded` are the values of X-Forwarded-For. Each proxy adds at the end whom it was asked by: what trusted ones added counts.
    """
    address = _address(peer or "")
    hops = [hop.strip() for value in forwarded for hop in value.split(",")][-_MOST_HOPS:]
    while hops and address is not None and any(address in network for network in trusted):
        before = _address(hops.pop())
        if before is None:
            break
        address = before
    return address


def network_of(address: IPv4Address | IPv6Address | None) -> str:
    """The network that limits count by; one for all whom nobody knows."""
    if address is None:
        return "unknown"
    return str(ip_network(f"{address}/{_SHARED[address.version]}", strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as text, in brackets and with a port or not."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
