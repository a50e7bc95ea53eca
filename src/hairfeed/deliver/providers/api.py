"""An adapter of a mail API, made a provider: builds, calls and reads, and turns whatever goes wrong into an outcome."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from hairfeed.deliver.form import nothing_left_over
from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.calling import Caller
from hairfeed.deliver.providers.contract import Api, Request, Response
from hairfeed.deliver.providers.outcomes import InDoubt, NotNow, Outcome, Resolution, StillUnknown, Taken
from hairfeed.deliver.providers.rates import room
from hairfeed.deliver.providers.second_look import looked_at_again
from hairfeed.errors import NoAnswer, NotConnected

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What reading an answer raises when it is none that we know."""

_ASK_AGAIN = timedelta(minutes=5)


class ApiProvider:
    """The provider behind an adapter."""

    def __init__(self, api: Api, timeout: float) -> None:
        """No call is made yet; the timeout is in seconds."""
        self.api = api
        self.name = api.name
        self.capabilities = api.capabilities
        self.destination = api.url
        self._caller = Caller(api.url, timeout)

    def prepare(self, mailing: Mailing) -> "ApiCall":
        """The request in its exact bytes."""
        request = self.api.build(mailing)
        nothing_left_over(request.body)
        return ApiCall(self, mailing, request)

    def call(self, request: Request) -> Response:
        """Make one call, with its secrets."""
        return self._caller.call(request, self.api.authorize(request, self._caller.clock()))

    def resolve(self, mailing: Mailing, called_at: datetime) -> Resolution:
        """Ask what became of a mailing in doubt."""
        try:
            return self.api.resolve(mailing, called_at, self.call)
        except (NotConnected, NoAnswer) as error:
            return StillUnknown(str(error), _ASK_AGAIN)
        except UNREADABLE as error:
            return StillUnknown(f"{self.destination}: answers something unknown: {error!r}", _ASK_AGAIN)

    def check(self) -> Sequence[str]:
        """What is wrong with credentials, domain and limits."""
        try:
            return self.api.check(self.call)
        except (NotConnected, NoAnswer) as error:
            return [f"{self.destination}: {error}; check the network and mail.{self.name}.url"]
        except UNREADABLE as error:
            return [f"{self.destination}: answers something unknown: {error!r}; check mail.{self.name}.url"]

    def close(self) -> None:
        """Give connections back."""
        self._caller.close()


class ApiCall:
    """A mailing as one request."""

    def __init__(self, provider: ApiProvider, mailing: Mailing, request: Request) -> None:
        """Nothing is sent yet."""
        self._provider = provider
        self._mailing = mailing
        self.request = request
        self.body_hash = sha256(request.body).hexdigest()

    def make(self) -> Outcome:
        """Make the call once."""
        provider = self._provider
        try:
            response = provider.call(self.request)
        except NotConnected as error:
            advice = f"check the network and mail.{provider.name}.url"
            return NotNow(f"{provider.destination}: {error}; {advice}", everyone=True)
        except NoAnswer as error:
            return InDoubt(str(error))
        try:
            outcome = provider.api.read(self._mailing, response)
        except UNREADABLE:
            advice = f"check mail.{provider.name}.url, and what stands between"
            return InDoubt(f"{provider.destination}: answers something unknown: {response.said}; {advice}")
        outcome = looked_at_again(outcome, response, self._mailing, f"mail.{provider.name}")
        if isinstance(outcome, Taken):
            return replace(outcome, room=room(response.headers, response.received_at))
        return outcome
