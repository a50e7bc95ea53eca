"""A second look at a no that an adapter takes for one about recipients: whether it can be about them at all. Pure."""

import re
from dataclasses import replace

from hairfeed.deliver.mailing import Mailing
from hairfeed.deliver.providers.contract import Response
from hairfeed.deliver.providers.outcomes import Blame, Outcome, Refused, Taken

_TOO_LARGE = 413
_SIZE = re.compile(rb"too (large|big)|(message|content|payload|body) (length|size)|(maximum|max) size", re.IGNORECASE)
"""Not "too long": that is said of addresses."""


def looked_at_again(outcome: Outcome, response: Response, mailing: Mailing, section: str) -> Outcome:
    """The outcome, with nobody blamed for what is no recipient's fault; `section` is the provider's in the config."""
    match outcome:
        case Taken(refused, ()) if len(refused) == len(mailing.recipients):
            # Nobody was taken. Whether that is for the mail's sake or for theirs shows when they stand alone.
            return Refused(refused[0].reason, Blame.RECIPIENTS)
        case Refused(reason, Blame.RECIPIENTS) if response.status == _TOO_LARGE or _SIZE.search(response.body):
            if len(mailing.recipients) > 1:
                return outcome
            advice = f"the mail is too large for it: fewer articles (newsletters.NAME.max_articles), or check {section}.url"
            return Refused(f"{reason}; {advice}", Blame.ACCOUNT)
        case Refused(reason, Blame.RECIPIENTS) if response.body.lstrip().startswith(b"<"):
            return replace(
                outcome,
                reason=f"{reason}; a web page is no answer of its API: check {section}.url, and what stands between",
                blame=Blame.ACCOUNT,
            )
    return outcome
