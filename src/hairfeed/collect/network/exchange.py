"""One request and its answer, read to its end within limits; whatever goes wrong on the way becomes a `FetchError`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import BadStatusLine, HTTPException, LineTooLong, RemoteDisconnected, UnknownProtocol

import requests
import urllib3

from hairfeed.collect import body
from hairfeed.collect.network.connect import GuardedAdapter
from hairfeed.collect.network.headers import Headers
from hairfeed.errors import FetchError, NotAllowed, TryLater, Unreadable
from hairfeed.text.retry_after import retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost. Bytes hold as transferred and again as unpacked.

    `connect_seconds` is for each address of a host and `read_seconds` for each wait for bytes; `total_seconds` is for
    everything together, redirects, robots.txt and repetitions included, but not the pauses that politeness puts between them.
    """

    most_bytes: int = 10_000_000
    connect_seconds: float = 10
    read_seconds: float = 20
    total_seconds: float = 60
    most_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever it was. Only a success has content here."""

    url: str
    status: int
    headers: Headers
    content: bytes

    @property
    def succeeded(self) -> bool:
        """Whether the content is what was asked for, as a whole."""
        return self.status in {HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION}


class Passing(TryLater):
    """May be over in seconds: the same request is worth repeating."""


class Exchange:
    """Asks servers, one at a time."""

    def __init__(self, adapter: GuardedAdapter, user_agent: str, limits: Limits) -> None:
        """`user_agent` is sent as it is."""
        self._adapter = adapter
        self._limits = limits
        self._timeout = (limits.connect_seconds, limits.read_seconds)
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": body.ACCEPTED}

    def get(self, url: str, headers: Mapping[str, str], enough: int | None = None) -> Answer:
        """Ask once. With `enough`, content after so many bytes is left where it is.

        Raises:
            NotAllowed: the address cannot be asked, or may not be.
            TryLater: no answer, half an answer, or the server cannot give one now; `Passing` when that may change at once.
            Unreadable: the answer is none of HTTP, or breaks the limits.
        """
        try:
            request = requests.Request("GET", url, headers=self._headers | dict(headers)).prepare()
        except requests.RequestException as error:
            raise NotAllowed(f"{url}: cannot be asked for: {error}") from error
        try:
            response = self._adapter.send(request, stream=True, timeout=self._timeout, verify=True)
            try:
                answer = self._read(url, response, enough)
            finally:
                response.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _failure(url, error) from error
        _refuse_if_unable(answer)
        return answer

    def close(self) -> None:
        """Give connections back."""
        self._adapter.close()

    def _read(self, url: str, response: requests.Response, enough: int | None) -> Answer:
        answer = Answer(url, response.status_code, response.headers, b"")
        if not answer.succeeded:
            return answer
        transferred = body.limited(self._transferred(url, response), self._limits.most_bytes, url)
        content = body.unpacked(transferred, response.headers.get("Content-Encoding", ""), url)
        content = body.limited(content, self._limits.most_bytes, url) if enough is None else body.beginning(content, enough)
        return Answer(url, answer.status, answer.headers, b"".join(content))

    def _transferred(self, url: str, response: requests.Response) -> Iterator[bytes]:
        """The body as it comes from the wire; urllib3 raises when it ends before its stated length does."""
        stated = response.headers.get("Content-Length", "")
        if stated.isascii() and stated.isdecimal() and int(stated[:20]) > self._limits.most_bytes:
            raise Unreadable(f"{url}: is larger than {self._limits.most_bytes} bytes; nothing of it was read")
        yield from response.raw.stream(body.PIECE, decode_content=False)


def _refuse_if_unable(answer: Answer) -> None:
    """A server that cannot answer now has said nothing about the page (RFC 9110 §15.6, RFC 6585 §4)."""
    status = answer.status
    wait = retry_after(answer.headers, datetime.now(UTC))
    message = f"{answer.url}: the server answers {status}; the next pass asks again"
    if status in {502, 503, 504} or (status == HTTPStatus.TOO_MANY_REQUESTS and wait is not None):
        raise Passing(message, wait)
    if status >= 500 or status in {408, 425, 429}:  # noqa: PLR2004 - HTTP's classes of status
        raise TryLater(message, wait)


def _failure(url: str, error: Exception) -> FetchError:
    """What a failure below means. requests and urllib3 wrap it once or twice, so the whole chain is looked at."""
    chain = list(_chain(error))
    if any(isinstance(link, TimeoutError | urllib3.exceptions.TimeoutError) for link in chain):
        return TryLater(f"{url}: takes too long to answer; the next pass asks again")
    if any(isinstance(link, requests.exceptions.SSLError) for link in chain):
        return TryLater(f"{url}: the connection is not secure, so nothing was asked: {chain[-1]}")
    if any(_is_not_http(link) for link in chain):
        return Unreadable(f"{url}: the answer is not HTTP: {chain[-1]}")
    return Passing(f"{url}: the connection failed: {chain[-1]}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, back to the first."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _is_not_http(error: BaseException) -> bool:
    if isinstance(error, RemoteDisconnected):
        return False
    # For too many header fields http.client raises the root of its errors itself.
    return (
        isinstance(error, BadStatusLine | LineTooLong | UnknownProtocol | requests.exceptions.InvalidHeader)
        or type(error) is HTTPException
    )
