"""A task that takes a reader's browser some tenths of a second, and a program that sends a thousand forms some minutes. Pure.

ALTCHA's second protocol: of the numbers from 0 on, find the one whose PBKDF2 with the challenge's nonce and salt begins as the
challenge says. The challenge is signed, and holds the instant it was made: a form with it needs no other stamp. Which ones were
used, the ledger knows.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import randbelow

from altcha import Challenge, Payload, Solution, create_challenge, verify_solution

from hairfeed.web.stamps import FASTEST, OLDEST

WITHOUT_SOLUTION = timedelta(seconds=30)
"""So long after its challenge was made, a form is taken unsolved: from a browser without JavaScript."""
_ALGORITHM = "PBKDF2/SHA-256"
"""Browsers have it built in, as fast as any program has it."""
_ROUNDS = 1000
"""Of one try; making a challenge takes as many."""
_MOST_TRIES = 500


@dataclass(frozen=True, slots=True)
class Returned:
    """A challenge of ours that came back within a day."""

    text: str
    nonce: str
    """What it is known by: good for one form."""
    is_solved: bool
    age: timedelta

    @property
    def is_ripe(self) -> bool:
        """Whether its form can be taken."""
        return self.age >= (FASTEST if self.is_solved else WITHOUT_SOLUTION)


class Challenges:
    """Makes challenges, and knows its own."""

    def __init__(self, secret: bytes) -> None:
        """`secret` may be used for other ends, too: what signs challenges is derived from it."""
        self._challenge_key = hmac.digest(secret, b"challenge", hashlib.sha256)
        self._solution_key = hmac.digest(secret, b"solution", hashlib.sha256)

    def make(self, now: datetime) -> Challenge:
        """Another one; its `to_dict` is what ALTCHA's own scripts take."""
        # The library would compare an expiry with the machine's clock, not with ours.
        return create_challenge(
            _ALGORITHM,
            _ROUNDS,
            counter=randbelow(_MOST_TRIES),
            data={"made": int(now.timestamp())},
            hmac_secret=self._challenge_key,
            hmac_key_secret=self._solution_key,
        )

    def unsolved(self, now: datetime) -> str:
        """Another one as a form holds it, with room for the solution: Base64 of JSON, what ALTCHA calls a payload."""
        return Payload(self.make(now), Solution(0, "")).to_base64()

    def read(self, text: str, now: datetime) -> Returned | None:
        """What came back; None when it is none of ours, or too old."""
        try:
            payload = Payload.from_base64(text)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return None
        verdict = verify_solution(payload, self._challenge_key, hmac_key_secret=self._solution_key)
        if verdict.invalid_signature is not False:
            return None
        parameters = payload.challenge.parameters
        # What is signed was written by `make`, so there is an instant.
        age = now - datetime.fromtimestamp((parameters.data or {})["made"], UTC)
        return Returned(text, parameters.nonce, verdict.verified, age) if age <= OLDEST else None
