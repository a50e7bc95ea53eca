"""The section `[mail]` of the config: how digests are sent, with a section for each provider."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from hairfeed.settings.values import Folder, Mailbox, Section, Text, WebAddress


class Outbox(Section):
    """Mails as files."""

    directory: Folder


class Smtp(Section):
    """A mail relay."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = Field(default=None, repr=False)
    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds to wait for each answer."""


class Resend(Section):
    """The mail API of Resend."""

    key: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-~]+$")] = Field(repr=False)
    url: WebAddress = "https://api.resend.com"
    timeout: Annotated[float, Field(gt=0, le=600)] = 60
    """Seconds to wait for the answer to a batch."""


class Mail(Section):
    """How digests are sent."""

    provider: Literal["outbox", "smtp", "resend"] = "outbox"
    from_: Mailbox = Field(alias="from")
    reply_to: Mailbox
    in_doubt: Literal["hold", "resend", "skip"] = "hold"
    """What becomes of mails whose fate a crash left unknown, where the provider can neither be asked nor repeated safely."""
    outbox: Outbox | None = None
    smtp: Smtp | None = None
    resend: Resend | None = None

    @model_validator(mode="after")
    def _provider_has_its_section(self) -> Self:
        if getattr(self, self.provider) is None:
            raise ValueError(f'provider "{self.provider}" needs a section [mail.{self.provider}]')
        return self
