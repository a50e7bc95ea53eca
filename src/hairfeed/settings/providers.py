"""The sections `[mail.PROVIDER]` of the config: how to reach each provider, and how much it takes."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from hairfeed.settings.values import Folder, Section, Text, WebAddress

Secret = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-~]+$")]
"""A key or token as it goes into a header; declare it with `Field(repr=False)`."""
Seconds = Annotated[float, Field(gt=0, le=600)]
Count = Annotated[int, Field(ge=1)]


class Paced(Section):
    """How much a provider takes; what is not said here is known of the provider, or unlimited."""

    calls_per_second: Annotated[float, Field(gt=0)] | None = None
    mails_per_second: Annotated[float, Field(gt=0)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    """Calls at once."""
    per_day: Count | None = None
    """Mails in a day (UTC); what is over waits for the next one."""
    per_month: Count | None = None
    warm_up: Count | None = None
    """Mails on the first day of a new domain; every day after it takes half as many more, until `per_day` or for ever."""


class MailApi(Paced):
    """What the section of every mail API has."""

    url: WebAddress
    timeout: Seconds = 60
    """For the whole answer to a call."""
    webhook_secret: Secret | None = Field(default=None, repr=False)
    """What shows that a notice is the provider's: its signing key, its public key, or the `user:password` that we gave it."""


class Outbox(Paced):
    """Mails as files."""

    directory: Folder


class Smtp(Paced):
    """A mail relay."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = Field(default=None, repr=False)
    timeout: Annotated[float, Field(gt=0, le=120)] = 60
    """For each answer."""
    batch_size: Annotated[int, Field(ge=1, le=100)] = 10
    """Mails that go out over a connection before it is written down what became of them: as many are in doubt after a kill."""


class Brevo(MailApi):
    """The mail API of Brevo."""

    key: Secret = Field(repr=False)
    url: WebAddress = "https://api.brevo.com"


class Mailgun(MailApi):
    """The mail API of Mailgun."""

    key: Secret = Field(repr=False)
    """Of the account: one that may only send cannot look a batch up."""
    domain: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]+$")]
    """The sending domain as it is called there."""
    url: WebAddress = "https://api.mailgun.net"
    batch_size: Annotated[int, Field(ge=1, le=1000)] = 1000
    """Recipients in a call; new accounts may have less."""


class Mailjet(MailApi):
    """The mail API of Mailjet."""

    key: Secret = Field(repr=False)
    secret: Secret = Field(repr=False)
    url: WebAddress = "https://api.mailjet.com"


class Postmark(MailApi):
    """The mail API of Postmark."""

    token: Secret = Field(repr=False)
    """Of the server."""
    stream: Text = "broadcast"
    """The message stream's ID: one for broadcasts, whose readers leave by our links."""
    bulk: bool = False
    """Whether the Bulk API is open to the account."""
    url: WebAddress = "https://api.postmarkapp.com"


class SendGrid(MailApi):
    """The mail API of SendGrid."""

    key: Secret = Field(repr=False)
    url: WebAddress = "https://api.sendgrid.com"


class SparkPost(MailApi):
    """The mail API of SparkPost."""

    key: Secret = Field(repr=False)
    url: WebAddress = "https://api.sparkpost.com"
    timeout: Seconds = 300
    """As they ask."""


class Resend(MailApi):
    """The mail API of Resend."""

    key: Secret = Field(repr=False)
    url: WebAddress = "https://api.resend.com"


class Ses(MailApi):
    """The mail API of Amazon SES."""

    key: Secret = Field(repr=False)
    """The ID of an access key."""
    secret: Secret = Field(repr=False)
    session_token: Secret | None = Field(default=None, repr=False)
    """Of a temporary access key."""
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    configuration_set: Text | None = None
    """The one whose events are posted to us."""
    url: WebAddress = ""
    """Of the region, unless it is said."""
    webhook_secret: Secret | None = Field(default=None, repr=False)
    """The ARN of the topic that notices come from."""

    @model_validator(mode="before")
    @classmethod
    def _region_has_its_address(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values.get("url"):
            return {**values, "url": f"https://email.{values.get('region', '')}.amazonaws.com"}
        return values
