"""The sections of mail APIs: what they need, where their secrets may come from, and that these are never shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hairfeed.errors import SettingsError
from hairfeed.settings import load_settings
from hairfeed.settings.mail import Mail
from tests.conftest import CONFIG

SECTIONS: dict[str, dict[str, Any]] = {
    "brevo": {"key": "s3cret"},
    "mailjet": {"key": "s3cret", "secret": "s3cret"},
    "ses": {"key": "s3cret", "secret": "s3cret", "region": "eu-west-1"},
    "mailgun": {"key": "s3cret", "domain": "mg.example.org"},
    "postmark": {"token": "s3cret"},
    "resend": {"key": "s3cret"},
    "sendgrid": {"key": "s3cret"},
    "sparkpost": {"key": "s3cret"},
}
providers = pytest.mark.parametrize("provider", SECTIONS)


def mail(provider: str, **section: Any) -> Mail:
    """A `[mail]` with this provider."""
    return Mail.model_validate(
        {"provider": provider, "from": "Weekly <weekly@example.org>", "reply_to": "editor@example.org", provider: section}
    )


@providers
def test_a_provider_needs_its_section(provider: str) -> None:
    with pytest.raises(ValidationError, match=rf'provider "{provider}" needs a section \[mail.{provider}\]'):
        Mail.model_validate({"provider": provider, "from": "weekly@example.org", "reply_to": "editor@example.org"})


@providers
def test_every_secret_is_needed_and_none_is_shown(provider: str) -> None:
    section = SECTIONS[provider]
    settings = mail(provider, **section, webhook_secret="hooks:s3cret")
    assert "s3cret" not in repr(settings) + str(settings)
    for key in section:
        with pytest.raises(ValidationError, match=rf"{provider}.{key}\n.*required"):
            mail(provider, **{name: value for name, value in section.items() if name != key})


@providers
def test_secrets_come_from_files_that_the_environment_names(tmp_path: Path, provider: str) -> None:
    config, secret = tmp_path / "hairfeed.toml", tmp_path / "secret"
    secret.write_text("from-a-file\n", encoding="utf-8")
    key = "token" if provider == "postmark" else "key"
    rest = [f'{name} = "{value}"\n' for name, value in SECTIONS[provider].items() if name != key]
    section = f"[mail.{provider}]\n{''.join(rest)}"
    config.write_text(CONFIG.replace('provider = "outbox"', f'provider = "{provider}"') + section, encoding="utf-8")
    prefix = f"HAIRFEED_MAIL__{provider.upper()}__"
    settings = load_settings(config, {f"{prefix}{key.upper()}_FILE": str(secret), f"{prefix}WEBHOOK_SECRET": "user:password"})
    found = getattr(settings.mail, provider)
    assert (getattr(found, key), found.webhook_secret) == ("from-a-file", "user:password")


@providers
def test_another_region_is_another_url(provider: str) -> None:
    section = SECTIONS[provider]
    assert getattr(mail(provider, **section), provider).url.startswith(("https://api.", "https://email."))
    assert getattr(mail(provider, **section, url="https://api.eu.example.org/"), provider).url == "https://api.eu.example.org"


@pytest.mark.parametrize("domain", ["", "a/b", "a b", "a%2fb", "a?b"])
def test_mailguns_domain_is_a_domain(domain: str) -> None:
    with pytest.raises(ValidationError, match=r"mailgun.domain"):
        mail("mailgun", key="k", domain=domain)


@pytest.mark.parametrize("size", [0, 1001])
def test_mailguns_batches_have_a_limit(size: int) -> None:
    with pytest.raises(ValidationError, match=r"mailgun.batch_size"):
        mail("mailgun", key="k", domain="mg.example.org", batch_size=size)


def test_sparkpost_is_given_the_time_that_it_asks_for() -> None:
    settings = mail("sparkpost", key="k").sparkpost
    assert settings is not None
    assert settings.timeout == 300


def test_the_password_of_the_mailbox_comes_from_a_file_and_is_not_shown(tmp_path: Path) -> None:
    config, secret = tmp_path / "hairfeed.toml", tmp_path / "password"
    section = '[mail.replies]\nhost = "imap.example.org"\nusername = "weekly@example.org"\n'
    config.write_text(CONFIG.replace("[mail.outbox]", f"{section}\n[mail.outbox]"), encoding="utf-8")
    secret.write_text("s3cret\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mail\.replies\.password"):
        load_settings(config, {})
    replies = load_settings(config, {"HAIRFEED_MAIL__REPLIES__PASSWORD_FILE": str(secret)}).mail.replies
    assert replies is not None
    assert (replies.password, replies.security, replies.folder) == ("s3cret", "tls", "INBOX")
    assert "s3cret" not in repr(replies)
