"""The providers of a pass: opened when they are needed, barred while they take nothing from us."""

from dataclasses import dataclass
from typing import Self

from hairfeed.deliver.pace import Limits
from hairfeed.deliver.providers.choice import open_provider
from hairfeed.deliver.providers.contract import Provider, recipients_per_call
from hairfeed.settings.mail import Mail


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a provider takes nothing in this pass."""

    reason: str
    account: bool
    """It refuses our account: another provider may go on."""


class Fleet:
    """The first provider, the second one, and those whom earlier batches went to."""

    def __init__(self, mail: Mail) -> None:
        """Nothing is opened yet."""
        self._mail = mail
        self._open: dict[str, Provider] = {}
        self.bars: dict[str, Bar] = {}

    def __enter__(self) -> Self:
        """The pass begins."""
        return self

    def __exit__(self, *_: object) -> None:
        """All connections are given back."""
        for provider in self._open.values():
            provider.close()

    @property
    def first(self) -> Provider:
        """The one that the config names."""
        return self._named(self._mail.provider)

    def named(self, name: str | None) -> Provider | None:
        """The provider that a batch went to; None where the config does not have it any more."""
        return self._named(name) if name and self._mail.section(name) else None

    def taking(self) -> Provider | None:
        """Who takes new batches: the first, or the second while the first refuses our account; None when nobody does."""
        bar = self.bars.get(self._mail.provider)
        if bar is None:
            return self.first
        if bar.account and self._mail.second and self._mail.second not in self.bars:
            return self._named(self._mail.second)
        return None

    def limits(self, provider: Provider) -> Limits:
        """What the provider takes."""
        return Limits.of(provider.capabilities, self._mail.section(provider.name), self._mail.concurrency)

    def batch_size(self, provider: Provider, body: int) -> int:
        """Recipients in one call of the provider, within its quotas; `body` is the characters of HTML and text together."""
        size, most = recipients_per_call(provider.capabilities, body), self.limits(provider).most_at_once
        return min(size, most) if most else size

    def both(self) -> list[Provider]:
        """Whoever may take a new batch one day."""
        return [self.first, *([self._named(self._mail.second)] if self._mail.second else [])]

    def _named(self, name: str) -> Provider:
        if name not in self._open:
            self._open[name] = open_provider(self._mail, name)
        return self._open[name]
