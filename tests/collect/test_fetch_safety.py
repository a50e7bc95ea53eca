"""Where a fetch may lead, whoever wrote the address."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from hairfeed.collect.addresses import is_public
from hairfeed.collect.network.connect import look_up
from hairfeed.collect.network.fetch import Fetcher
from hairfeed.errors import NotAllowed
from tests.collect.web import Clock, Web, answer, redirect

INTERNET = "127.0.0.2"
"""Stands for the open internet where a test needs a server on it; all other addresses are refused."""

THIS_MACHINE = [
    "127.0.0.1",
    "127.1",
    "127.0.0.3",
    "0.0.0.0",
    "0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
]


@pytest.fixture
def port() -> Iterator[int]:
    """Of this machine, on every address of it; the test fails when anything so much as connects."""
    with socket.create_server(("", 0)) as listener:
        listener.setblocking(False)
        yield listener.getsockname()[1]
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.fixture
def stranger(clock: Clock) -> Iterator[Fetcher]:
    """A fetcher as operators have it."""
    with Fetcher("HairFeed/1", clock=clock, sleep=clock.sleep) as fetcher:
        yield fetcher


@pytest.fixture
def internet() -> Iterator[Web]:
    """A server on the open internet."""
    with Web(address=INTERNET) as web:
        yield web


class Names:
    """Names of hosts, and what each next look at them shows; the last look lasts. Other hosts are looked up for real."""

    def __init__(self, **looks: list[list[str]]) -> None:
        """`one=[[first], [second]]` is for `one.example`."""
        self.looks = {f"{name}.example": shown for name, shown in looks.items()}
        self.asked: list[str] = []

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        shown = self.looks.get(host) or [look_up(host)]
        return shown.pop(0) if len(shown) > 1 else shown[0]


def fetcher(clock: Clock, names: Names, *, obey_robots: bool = False) -> Fetcher:
    """It may fetch from the open internet alone."""
    return Fetcher(
        "HairFeed/1",
        obey_robots=obey_robots,
        clock=clock,
        sleep=clock.sleep,
        lookup=names,
        allowed=lambda address: str(address) == INTERNET,
    )


@pytest.mark.parametrize("host", THIS_MACHINE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_this_machine_is_connected_to(stranger: Fetcher, port: int, scheme: str, host: str) -> None:
    with pytest.raises(NotAllowed, match="not on the open internet"):
        stranger.get(f"{scheme}://{host}:{port}/")


def test_the_port_of_the_tests_above_would_be_seen(stranger: Fetcher, clock: Clock) -> None:
    with Web() as web, Fetcher("HairFeed/1", allow_private=True, clock=clock, sleep=clock.sleep) as allowed:
        web.pages["/"] = answer(b"page")
        for host in ("127.0.0.1", "2130706433", "localhost"):
            allowed.get(web.url("/", host=host))
        assert web.paths == ["/"] * 3


def test_sitemaps_are_not_asked_of_this_machine_either(stranger: Fetcher, port: int) -> None:
    with pytest.raises(NotAllowed, match="not on the open internet"):
        stranger.sitemaps(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::8.8.8.8",
        "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_off_the_open_internet_are_known(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "223.255.255.255",
        "2001:200::1",
        "2600::1",
        "2606:4700::1111",
        "2a00:1450::1",
    ],
)
def test_the_rest_is_open(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", THIS_MACHINE)
def test_no_redirect_leads_to_this_machine(internet: Web, clock: Clock, port: int, host: str) -> None:
    internet.pages["/"] = redirect(f"http://{host}:{port}/")
    with fetcher(clock, Names(one=[[INTERNET]])) as ours, pytest.raises(NotAllowed, match="not on the open internet"):
        ours.get(internet.url("/"))
    assert internet.paths == ["/"]


def test_no_redirect_of_a_robots_file_leads_to_this_machine(internet: Web, clock: Clock, port: int) -> None:
    internet.pages["/robots.txt"] = redirect(f"http://127.0.0.1:{port}/")
    with (
        fetcher(clock, Names(one=[[INTERNET]]), obey_robots=True) as ours,
        pytest.raises(NotAllowed, match="not on the open internet"),
    ):
        ours.get(internet.url("/"))
    assert internet.paths == []


def test_a_name_that_is_private_at_the_second_look_is_refused(internet: Web, clock: Clock) -> None:
    with (
        socket.create_server(("127.0.0.1", internet.port)) as private,
        fetcher(clock, Names(one=[[INTERNET], ["127.0.0.1"]])) as ours,
    ):
        private.setblocking(False)
        internet.pages["/"] = answer(b"page")
        assert ours.get(internet.url("/")) is not None
        with pytest.raises(NotAllowed, match=r"127\.0\.0\.1"):
            ours.get(internet.url("/"))
        with pytest.raises(BlockingIOError):
            private.accept()


def test_a_host_is_looked_up_once_for_each_connection(internet: Web, clock: Clock) -> None:
    names = Names(one=[[INTERNET], ["127.0.0.1"]])
    internet.pages["/"] = answer(b"page")
    with fetcher(clock, names) as ours:
        assert ours.get(internet.url("/")) is not None
    assert names.asked == ["one.example"]


def test_a_connection_that_is_kept_needs_no_second_look(clock: Clock) -> None:
    names = Names(one=[[INTERNET], ["127.0.0.1"]])
    with Web(address=INTERNET, keeps_connections=True) as internet, fetcher(clock, names) as ours:
        internet.pages["/"] = answer(b"page", last=False)
        assert ours.get(internet.url("/")) is not None
        assert ours.get(internet.url("/")) is not None
    assert names.asked == ["one.example"]


def test_of_several_addresses_only_the_open_ones_are_connected_to(internet: Web, clock: Clock) -> None:
    internet.pages["/"] = answer(b"page")
    with (
        socket.create_server(("127.0.0.1", internet.port)) as private,
        fetcher(clock, Names(one=[["127.0.0.1", INTERNET]])) as ours,
    ):
        private.setblocking(False)
        assert ours.get(internet.url("/")) is not None
        with pytest.raises(BlockingIOError):
            private.accept()


def test_the_next_address_is_tried_when_one_takes_no_connection(internet: Web, clock: Clock) -> None:
    internet.pages["/"] = answer(b"page")
    names = Names(one=[["127.0.0.1", INTERNET]])
    with Fetcher("HairFeed/1", allow_private=True, clock=clock, sleep=clock.sleep, lookup=names) as ours:
        assert ours.get(internet.url("/")) is not None


def test_what_is_looked_up_is_the_name_alone(clock: Clock) -> None:
    names = Names(one=[["127.0.0.1"]])
    with fetcher(clock, names) as ours:
        for host in ("ONE.example", "[::1]"):
            with pytest.raises(NotAllowed):
                ours.get(f"https://{host}:8443/page")
    assert names.asked == ["one.example", "::1"]
