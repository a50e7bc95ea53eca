"""The sections `[log]`, `[alerts]`, `[operator]`, `[retention]` and `[doctor]` of the config: what the operator sees."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hairfeed.settings.values import Folder, Mailbox, Section, WebAddress


class Log(Section):
    """The log. Without the section there is none."""

    level: Literal["info", "warning", "error"] = "info"
    file: Folder | None = None
    """None: standard error."""


class Alerts(Section):
    """Who is told how the job is doing."""

    ping_url: WebAddress | None = Field(default=None, repr=False)
    """Asked for after every good pass: a dead man's switch, which raises an alarm when it is not asked for any more."""
    mail: Mailbox | None = None
    """Who is written to once about each thing that only a person can mend."""
    metrics: bool = False
    """Whether `hairfeed serve` answers at /metrics."""


class Operator(Section):
    """The pages at /operator/ of `hairfeed serve`. Without the section there are none."""

    password: Annotated[str, StringConstraints(strip_whitespace=True, min_length=16, pattern=r"^[!-~]+$")] = Field(repr=False)
    """What a browser asks for; whatever name is given with it."""


class Retention(Section):
    """How long is kept what no promise needs."""

    runs_days: Annotated[int, Field(ge=1)] = 90
    """Reports of passes."""
    unconfirmed_days: Annotated[int, Field(ge=1)] = 30
    """Addresses that were entered and never confirmed."""
    mail_days: Annotated[int, Field(ge=1)] = 90
    """Letters that went out, and what providers told of mails; of that at least `mail.bounces.soft_days`."""


class Doctor(Section):
    """What `hairfeed doctor` cannot know by itself."""

    resolver: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F.:]+(#\d{1,5})?$")] | None = None
    """The DNS server to ask, like 9.9.9.9 or 127.0.0.1#5353; None: the system's."""
    dkim_selectors: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,63}$")], ...] = ()
    """As the mail provider names them: the key of `s1` is at s1._domainkey below the sender's domain."""
