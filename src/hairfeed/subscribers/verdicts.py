"""When a provider's notices mean that an address is not to be mailed any more. Pure."""

from collections.abc import Sequence

from hairfeed.models.events import EventKind, MailEvent


def verdict(history: Sequence[MailEvent], soft_bounces: int) -> str | None:
    """Why the address is to be suppressed; None when it is not. `history` is what happened to it lately, in order.

    A complaint or a hard bounce is enough. Soft bounces count until a mail is delivered: they say "not now" (RFC 3463 §2).
    """
    in_a_row = 0
    for event in history:
        if event.kind is EventKind.COMPLAINT:
            return f"complaint, says {event.provider}"
        if event.kind is EventKind.HARD_BOUNCE:
            return f"hard bounce, says {event.provider}"
        if event.kind is EventKind.DELIVERED:
            in_a_row = 0
        elif event.kind is EventKind.SOFT_BOUNCE:
            in_a_row += 1
            if in_a_row >= soft_bounces:
                return f"{in_a_row} soft bounces in a row, says {event.provider}"
    return None
