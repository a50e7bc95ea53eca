"""The provider that the config names."""

from hairfeed.deliver.providers.contract import Provider
from hairfeed.settings.mail import Mail


def open_provider(mail: Mail, name: str) -> Provider:
    """The provider by this name, with nothing sent or connected yet; the settings have a section for it."""
    # Each brings its own libraries; a pass needs one.
    if name == "smtp" and mail.smtp:
        from hairfeed.deliver.providers.smtp import SmtpProvider

        return SmtpProvider(mail.smtp, mail.from_)
    if name == "resend" and mail.resend:
        from hairfeed.deliver.providers.api import ApiProvider
        from hairfeed.deliver.providers.resend import ResendApi

        return ApiProvider(ResendApi(mail.resend), mail.resend.timeout)
    if mail.outbox:
        from hairfeed.deliver.providers.outbox import OutboxProvider

        return OutboxProvider(mail.outbox)
    raise AssertionError(f"the settings let a provider {name!r} without its section through")
