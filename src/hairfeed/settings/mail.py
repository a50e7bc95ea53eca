"""The section `[mail]` of the config: how mails are sent, and by whom."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hairfeed.settings.providers import Brevo, Mailgun, Mailjet, Outbox, Paced, Postmark, Resend, SendGrid, Ses, Smtp, SparkPost
from hairfeed.settings.values import Mailbox, Section, Text

ProviderName = Literal["outbox", "smtp", "brevo", "mailgun", "mailjet", "postmark", "resend", "sendgrid", "ses", "sparkpost"]


class Bounces(Section):
    """When mail that does not arrive has consequences. A hard bounce or a complaint suppresses its address at once."""

    soft: Annotated[int, Field(ge=1, le=100)] = 5
    """So many soft bounces in a row, within `soft_days`, and an address is not mailed any more."""
    soft_days: Annotated[int, Field(ge=1, le=365)] = 30
    storm_percent: Annotated[float, Field(gt=0, le=100)] = 5
    """More hard bounces and complaints than this, of the mails of an issue that were taken, and its newsletter is paused."""
    storm_least: Annotated[int, Field(ge=1)] = 10
    """But not for fewer than so many."""


class Replies(Section):
    """A folder of an IMAP mailbox (RFC 9051): replies by which readers leave, and bounces."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """None: 993, or 143 without TLS."""
    security: Literal["tls", "starttls", "none"] = "tls"
    username: Text
    password: str = Field(repr=False)
    folder: Text = "INBOX"
    done_folder: Text | None = None
    """Where what was worked off is moved to; None: it is marked as read, and stays."""
    address: Mailbox | None = None
    """Where mails to leave go; None: `reply_to`. They must end in the folder."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds for each answer."""


class Mail(Section):
    """How mails are sent."""

    provider: ProviderName = "outbox"
    second: ProviderName | None = None
    """Who takes over while the provider refuses our account."""
    from_: Mailbox = Field(alias="from")
    reply_to: Mailbox
    in_doubt: Literal["hold", "resend", "skip"] = "hold"
    """What becomes of mails whose fate a crash left unknown, where the provider can neither be asked nor repeated safely."""
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    """Calls at once; what a provider's own section says goes before it."""
    bounces: Bounces = Bounces()
    replies: Replies | None = None
    outbox: Outbox | None = None
    smtp: Smtp | None = None
    brevo: Brevo | None = None
    mailgun: Mailgun | None = None
    mailjet: Mailjet | None = None
    postmark: Postmark | None = None
    resend: Resend | None = None
    sendgrid: SendGrid | None = None
    ses: Ses | None = None
    sparkpost: SparkPost | None = None

    def section(self, provider: str) -> Paced | None:
        """The provider's own section."""
        found: Paced | None = getattr(self, provider, None)
        return found

    @property
    def reaches_readers(self) -> bool:
        """Whether mails go to readers, not into a folder."""
        return {self.provider, self.second} - {"outbox", None} != set()

    @model_validator(mode="after")
    def _providers_have_their_sections(self) -> Self:
        for key, provider in (("provider", self.provider), ("second", self.second)):
            if provider and self.section(provider) is None:
                raise ValueError(f'{key} "{provider}" needs a section [mail.{provider}]')
        if self.second == self.provider:
            raise ValueError(f'second "{self.second}" is the provider itself')
        return self
