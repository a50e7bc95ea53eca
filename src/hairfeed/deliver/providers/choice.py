"""The provider that the config names, and the one whose notices come in."""

from importlib import import_module
from typing import Any

from hairfeed.deliver.providers.contract import Api, Provider, Webhook
from hairfeed.settings.mail import Mail

ADAPTERS = {
    "brevo": "Brevo",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "postmark": "Postmark",
    "resend": "Resend",
    "sendgrid": "SendGrid",
    "ses": "Ses",
    "sparkpost": "SparkPost",
}
"""The mail APIs: the section of the config and the module of this package, and what its classes' names begin with."""


def open_provider(mail: Mail, name: str) -> Provider:
    """The provider by this name, with nothing sent or connected yet; the settings have a section for it."""
    # Each brings its own libraries; a pass needs one.
    if name == "smtp" and mail.smtp:
        from hairfeed.deliver.providers.smtp import SmtpProvider

        return SmtpProvider(mail.smtp, mail.from_)
    if name == "outbox" and mail.outbox:
        from hairfeed.deliver.providers.outbox import OutboxProvider

        return OutboxProvider(mail.outbox)
    from hairfeed.deliver.providers.api import ApiProvider

    api: Api = _class(name, "Api")(_section(mail, name), mail.from_)
    return ApiProvider(api, _section(mail, name).timeout)


def open_webhook(mail: Mail, name: str) -> Webhook | None:
    """Who reads the notices of the mail API by this name; None where the settings have no section for it."""
    if name not in ADAPTERS or getattr(mail, name) is None:
        return None
    webhook: Webhook = _class(name, "Webhook")(_section(mail, name))
    return webhook


def webhooks(mail: Mail) -> dict[str, Webhook]:
    """Who reads the notices of each mail API that the settings have a section for."""
    return {name: webhook for name in ADAPTERS if (webhook := open_webhook(mail, name))}


def _class(name: str, part: str) -> Any:
    return getattr(import_module(f"hairfeed.deliver.providers.{name}"), f"{ADAPTERS[name]}{part}")


def _section(mail: Mail, name: str) -> Any:
    section = getattr(mail, name)
    assert section is not None, f"the settings let a provider {name!r} without its section through"  # noqa: S101 - they do not
    return section
