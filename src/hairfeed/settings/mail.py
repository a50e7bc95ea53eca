"""The section `[mail]` of the config: how mails are sent, and by whom."""

from typing import Literal, Self

from pydantic import Field, model_validator

from hairfeed.settings.providers import Mailgun, Outbox, Postmark, Resend, SendGrid, Smtp, SparkPost
from hairfeed.settings.values import Mailbox, Section


class Mail(Section):
    """How digests are sent."""

    provider: Literal["outbox", "smtp", "mailgun", "postmark", "resend", "sendgrid", "sparkpost"] = "outbox"
    from_: Mailbox = Field(alias="from")
    reply_to: Mailbox
    in_doubt: Literal["hold", "resend", "skip"] = "hold"
    """What becomes of mails whose fate a crash left unknown, where the provider can neither be asked nor repeated safely."""
    outbox: Outbox | None = None
    smtp: Smtp | None = None
    mailgun: Mailgun | None = None
    postmark: Postmark | None = None
    resend: Resend | None = None
    sendgrid: SendGrid | None = None
    sparkpost: SparkPost | None = None

    @model_validator(mode="after")
    def _provider_has_its_section(self) -> Self:
        if getattr(self, self.provider) is None:
            raise ValueError(f'provider "{self.provider}" needs a section [mail.{self.provider}]')
        return self
