"""The provider that the config names."""

from hairfeed.deliver.providers.contract import Provider
from hairfeed.settings.mail import Mail


def open_provider(mail: Mail) -> Provider:
    """The provider, with nothing sent or connected yet."""
    # Each brings its own libraries; a pass needs one.
    if mail.provider == "smtp" and mail.smtp:
        from hairfeed.deliver.providers.smtp import SmtpProvider

        return SmtpProvider(mail.smtp, mail.from_)
    if mail.provider == "resend" and mail.resend:
        from hairfeed.deliver.providers.resend import ResendProvider

        return ResendProvider(mail.resend)
    if mail.outbox:
        from hairfeed.deliver.providers.outbox import OutboxProvider

        return OutboxProvider(mail.outbox)
    raise AssertionError(f"the settings let a provider {mail.provider!r} without its section through")
