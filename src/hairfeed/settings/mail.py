"""The section `[mail]` of the config: how mails are sent, and by whom."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hairfeed.settings.providers import Brevo, Mailgun, Mailjet, Outbox, Paced, Postmark, Resend, SendGrid, Ses, Smtp, SparkPost
from hairfeed.settings.values import Mailbox, Section

ProviderName = Literal["outbox", "smtp", "brevo", "mailgun", "mailjet", "postmark", "resend", "sendgrid", "ses", "sparkpost"]


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

    @model_validator(mode="after")
    def _providers_have_their_sections(self) -> Self:
        for key, provider in (("provider", self.provider), ("second", self.second)):
            if provider and self.section(provider) is None:
                raise ValueError(f'{key} "{provider}" needs a section [mail.{provider}]')
        if self.second == self.provider:
            raise ValueError(f'second "{self.second}" is the provider itself')
        return self
