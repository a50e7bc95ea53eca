"""What django-anymail would send for a mailing, and reads in a notice: the other opinion. Nothing leaves the process."""

import warnings
from functools import cache
from importlib import import_module
from typing import Any

import requests

from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing
from hairfeed.deliver.providers.contract import Request


@cache
def _anymail() -> Any:
    """The module `anymail.message`, with Django set up in memory."""
    import django
    from django.conf import settings

    settings.configure(ANYMAIL={}, USE_TZ=True)
    django.setup()
    from anymail import message

    return message


def anymail_request(
    provider: str,
    mailing: Mailing,
    *,
    subject: str,
    text: str,
    html: str,
    merge_data: dict[str, dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    tags: tuple[str, ...] = (),
    esp_extra: dict[str, Any] | None = None,
    untracked: bool = True,
    **options: Any,
) -> Request:
    """The request of anymail's backend `provider` for the mailing.

    `subject`, `text` and `html` are written as a person writes them for this provider: with its variables in them and values by
    address in `merge_data`, or filled in where the mailing has one recipient. `headers` come on top of the mailing's. Without
    `untracked` the backend is not told to leave tracking off: some cannot be. `options` are the backend's settings.
    """
    content, people = mailing.content, mailing.recipients
    several = merge_data is not None or len(people) > 1
    message = _anymail().AnymailMessage(
        subject=subject,
        body=text,
        from_email=content.sender,
        to=[one.email for one in people],
        reply_to=[content.reply_to],
        headers={
            **{name: value.fill(people[0].values) for name, value in content.headers if not (several and value.fields)},
            **(headers or {}),
        },
        metadata={BATCH: mailing.key} if several else {BATCH: mailing.key, SUBSCRIBER: str(people[0].subscriber_id)},
    )
    if untracked:
        message.track_opens = message.track_clicks = False
    if tags:
        message.tags = list(tags)
    message.attach_alternative(html, "text/html")
    if several:
        message.merge_metadata = {one.email: {BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)} for one in people}
        message.merge_headers = {
            one.email: {name: value.fill(one.values) for name, value in content.headers if value.fields} for one in people
        }
    if merge_data is not None:
        message.merge_data = merge_data
    if esp_extra is not None:
        message.esp_extra = esp_extra
    return _request(provider, message, options)


def _request(provider: str, message: Any, options: dict[str, Any]) -> Request:
    from django.core.mail import get_connection

    with warnings.catch_warnings():
        # It says of some backends that its maintainer has no account there.
        warnings.filterwarnings("ignore", category=_unsupported())
        backend = get_connection(f"anymail.backends.{provider}.EmailBackend", **options)
    payload = backend.build_message_payload(message, {})
    prepared = requests.Request(**payload.get_request_params(backend.api_url)).prepare()
    body = prepared.body or b""
    return Request(
        str(prepared.method), str(prepared.url), body if isinstance(body, bytes) else body.encode(), dict(prepared.headers)
    )


def _unsupported() -> type[Warning]:
    from anymail.exceptions import AnymailNotSupportedWarning

    kind: type[Warning] = AnymailNotSupportedWarning
    return kind


def anymail_events(provider: str, name: str, body: bytes) -> list[Any]:
    """What anymail reads in a notice of the provider, whose name it spells `name`; whether it is signed is another matter."""
    _anymail()
    from django.test import RequestFactory

    request = RequestFactory().post("/", body, content_type="application/json")
    options = {"webhook_signing_key": "key"} if provider == "mailgun" else {}
    with warnings.catch_warnings():
        # It says that nothing is verified here.
        warnings.simplefilter("ignore")
        view = getattr(import_module(f"anymail.webhooks.{provider}"), f"{name}TrackingWebhookView")(**options)
    return list(view.parse_events(request))
