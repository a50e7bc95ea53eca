"""Connections to addresses that may be fetched from, and to no others; every wait on them ends with the deadline."""

import socket
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from hairfeed.collect.addresses import IPAddress
from hairfeed.collect.network.pace import Deadline
from hairfeed.errors import NotAllowed

Lookup = Callable[[str], Sequence[str]]
"""From a host, as it stands in a web address, to its IP addresses."""
Patience = Callable[[], float]
"""Seconds that the next read may take; raises TimeoutError when there are none."""


def look_up(host: str) -> list[str]:
    """The IP addresses that the system knows for `host`, in the order in which to try them.

    An address in another spelling (`2130706433`, `0x7f.1`, `0177.0.0.1`) comes out in the usual one.

    Raises:
        OSError: it knows none.
    """
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))


class TimedSocket(socket.socket):
    """A TCP socket that asks before every read how long it may take: a byte a second is no way round the deadline."""

    def __init__(self, family: socket.AddressFamily, patience: Patience) -> None:
        """Not connected yet."""
        super().__init__(family, socket.SOCK_STREAM)
        self._patience = patience

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As of any socket."""
        self.settimeout(self._patience())
        return super().recv_into(buffer, nbytes, flags)


class TimedTLSSocket(ssl.SSLSocket):
    """The same for TLS. Python makes these itself, so they find what to ask in their context."""

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """As of any socket."""
        if isinstance(self.context, TimedTLSContext):
            self.settimeout(self.context.patience())
        return super().recv_into(buffer, nbytes, flags)


class TimedTLSContext(ssl.SSLContext):
    """TLS as Python's clients speak it: certificate and host name are checked."""

    sslsocket_class = TimedTLSSocket
    patience: Patience


def tls_context(patience: Patience) -> TimedTLSContext:
    """A context that trusts nobody yet: whom to trust is told with each request."""
    context = TimedTLSContext(ssl.PROTOCOL_TLS_CLIENT)
    context.patience = patience
    return context


class Dialler:
    """Looks a host up once for each connection, and connects to the very address that was judged.

    A host that shows one address to the judge and another one to the connection (DNS rebinding) has no second look to
    answer. Nothing, not even the start of a connection, goes to an address that is not allowed.
    """

    def __init__(
        self,
        deadline: Deadline,
        *,
        allowed: Callable[[IPAddress], bool],
        lookup: Lookup,
        connect_seconds: float,
        read_seconds: float,
    ) -> None:
        """`connect_seconds` is for each address of a host, `read_seconds` for each read; the deadline may shorten both."""
        self._deadline = deadline
        self._allowed = allowed
        self._lookup = lookup
        self._connect_seconds = connect_seconds
        self.patience = partial(deadline.within, read_seconds)

    def dial(self, host: str, port: int) -> TimedSocket:
        """A connection to the first of the host's addresses that takes one.

        Raises:
            NotAllowed: it has no address that may be connected to.
            OSError: it has no address at all, or none takes a connection in time.
        """
        failure = OSError(f"{host} has no address")
        for address in self._addresses(host):
            try:
                return self._connect(address, port)
            except OSError as error:
                failure = error
        raise failure

    def _addresses(self, host: str) -> list[IPAddress]:
        try:
            found = [ip_address(address) for address in self._lookup(host.strip("[]"))]
        except UnicodeError as error:
            raise NotAllowed(f"{host!r}: no host can be called that: {error}") from error
        allowed = [address for address in found if self._allowed(address)]
        if found and not allowed:
            raise NotAllowed(
                f"{host}: its address {found[0]} is not on the open internet, so nothing is fetched from there; "
                "for a source on a network of your own: allow_private = true"
            )
        return allowed

    def _connect(self, address: IPAddress, port: int) -> TimedSocket:
        family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
        connection = TimedSocket(family, self.patience)
        try:
            # It holds for the TLS handshake too.
            connection.settimeout(self._deadline.within(self._connect_seconds))
            connection.connect((str(address), port))
        except OSError:
            connection.close()
            raise
        return connection


class GuardedAdapter(HTTPAdapter):
    """The transport of requests, with every connection made by a dialler.

    Only where the bytes go is decided by the address: the Host field, the name in the TLS handshake and the check of the
    certificate stay those of the host. Used without a session it reads no proxies, .netrc or certificates from the
    environment, keeps no cookies and follows no redirects.
    """

    def __init__(self, dialler: Dialler) -> None:
        """No connection is made yet."""
        self._dialler = dialler
        super().__init__(pool_connections=32, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:  # noqa: FBT001, FBT002 - as in requests
        """Called by requests."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=tls_context(self._dialler.patience), **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _plain_pool(self._dialler),
            "https": _tls_pool(self._dialler),
        }


def _plain_pool(dialler: Dialler) -> type[HTTPConnectionPool]:
    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return dialler.dial(self._dns_host, self.port)

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    return Pool


def _tls_pool(dialler: Dialler) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return dialler.dial(self._dns_host, self.port)

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool
