"""What an HTTP answer means, where its provider means nothing special by it. Pure."""

from hairfeed.deliver.providers.contract import Response
from hairfeed.deliver.providers.outcomes import Blame, InDoubt, NotNow, Outcome, Refused, Throttled
from hairfeed.deliver.providers.rates import until_reset
from hairfeed.text.retry_after import retry_after

_THROTTLED = (420, 429)
"""429 is the standard's (RFC 6585 §4), 420 what some say for it."""
_ACCOUNT = (401, 402, 403, 404, 405, 407, 410)
_LATER = (408, 409, 423, 425)


def verdict(response: Response, where: str, check: str) -> Outcome | None:
    """What the status says of the whole batch; None for 2xx, whose body has the word.

    `where` names the provider, `check` the settings to look at when it refuses us.
    """
    status, said = response.status, f"{where}: {response.said}"
    wait = retry_after(response.headers, response.received_at)
    if 200 <= status < 300:  # noqa: PLR2004 - an HTTP status
        return None
    if status in _THROTTLED:
        return Throttled(said, until_reset(response.headers, response.received_at) if wait is None else wait)
    if status in _ACCOUNT or 300 <= status < 400:  # noqa: PLR2004 - an HTTP status
        return Refused(f"{said}; check {check}", Blame.ACCOUNT)
    if status in _LATER:
        return NotNow(said, retry_after=wait)
    if 400 <= status < 500:  # noqa: PLR2004 - an HTTP status
        return Refused(said, Blame.RECIPIENTS)
    return InDoubt(said, wait)


def trouble(response: Response, where: str, check: str) -> str | None:
    """The same in a sentence, for calls that send nothing; None for 2xx."""
    outcome = verdict(response, where, check)
    return outcome.reason if isinstance(outcome, Refused | Throttled | NotNow | InDoubt) else None
