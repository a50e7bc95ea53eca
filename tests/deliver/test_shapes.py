"""The shape of requests to mail APIs: by their own descriptions where those lie beside the checkout, and by these extracts."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest

from hairfeed.deliver.providers.contract import Request
from tests.deliver.adapters import NOW, TOLD, Asked, response
from tests.deliver.mailings import AWKWARD, MAILING
from tests.deliver.rendered import fields
from tests.deliver.specifications import breaches, query_words, request_schema

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
ADDRESS: dict[str, Any] = {"type": "string", "pattern": "^[^@\\s<>,]+@[^@\\s<>,]+$"}
NO: dict[str, Any] = {"const": False}


def thing(**members: Any) -> dict[str, Any]:
    """An object with just these members."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def things(of: dict[str, Any], most: int, least: int = 1) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


# Postmark's metadata: at most ten, keys of twenty characters, values of eighty.
METADATA: dict[str, Any] = {
    "type": "object",
    "maxProperties": 10,
    "propertyNames": {"maxLength": 20},
    "additionalProperties": {"type": "string", "maxLength": 80},
}
HEADERS = things(thing(Name=TEXT, Value=TEXT), 50)
POSTMARK = {
    "From": TEXT,
    "ReplyTo": TEXT,
    "Subject": TEXT,
    "TextBody": TEXT,
    "HtmlBody": TEXT,
    "MessageStream": TEXT,
    "TrackOpens": NO,
    "TrackLinks": {"const": "None"},
}
NAMED = {"Name": TEXT, "Value": {"type": "string", "pattern": "^[ -~]{1,995}$"}}
TAG = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,256}$"}
JSON_TEXT = {"type": "string", "pattern": "^\\{", "maxLength": 262144}
SHAPES: dict[str, dict[str, Any]] = {
    "brevo": thing(
        sender=thing(email=ADDRESS, name={**TEXT, "maxLength": 70}),
        replyTo=thing(email=ADDRESS, name={**TEXT, "maxLength": 70}),
        subject=TEXT,
        textContent=TEXT,
        htmlContent=TEXT,
        tags=things(TEXT, 10),
        headers=thing(idempotencyKey={"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}),
        messageVersions=things(
            thing(
                to=things(thing(email=ADDRESS), 99),
                subject=TEXT,
                params=TEXTS,
                headers={**TEXTS, "required": ["X-Mailin-custom"], "additionalProperties": {"pattern": "^[ -~]+$"}},
            ),
            1000,
        ),
    ),
    "mailjet": thing(
        Globals=thing(
            From=thing(Email=ADDRESS, Name=TEXT),
            ReplyTo=thing(Email=ADDRESS, Name=TEXT),
            Subject=TEXT,
            TextPart=TEXT,
            HTMLPart=TEXT,
            TemplateLanguage={"const": True},
            TrackOpens={"const": "disabled"},
            TrackClicks={"const": "disabled"},
            CustomCampaign={**TEXT, "maxLength": 255},
            DeduplicateCampaign={"const": True},
        ),
        Messages=things(
            thing(
                To=things(thing(Email=ADDRESS), 1),
                Variables=TEXTS,
                Headers={
                    "type": "object",
                    "additionalProperties": {"pattern": "^[ -~]+$"},
                    # They keep these for themselves.
                    "propertyNames": {"not": {"pattern": "(?i)^(list-id|from|sender|subject|to|reply-to|date|message-id|x-m.*)$"}},
                },
                EventPayload=TEXT,
            ),
            50,
        ),
    ),
    "ses": thing(
        FromEmailAddress={"type": "string", "pattern": "^[ -~]+$"},
        ReplyToAddresses=things({"type": "string", "pattern": "^[ -~]+$"}, 1),
        DefaultContent=thing(
            Template=thing(
                TemplateContent=thing(Subject=TEXT, Text=TEXT, Html=TEXT),
                TemplateData=JSON_TEXT,
                Headers=things(thing(**NAMED), 15),
            )
        ),
        ConfigurationOverrides=thing(
            Tracking=thing(OpenTrackingEnabled={"const": "DISABLED"}, ClickTrackingEnabled={"const": "DISABLED"})
        ),
        BulkEmailEntries=things(
            thing(
                Destination=thing(ToAddresses=things(ADDRESS, 1)),
                ReplacementEmailContent=thing(ReplacementTemplate=thing(ReplacementTemplateData=JSON_TEXT)),
                ReplacementHeaders=things(thing(**NAMED), 15),
                ReplacementTags=things(thing(Name=TAG, Value=TAG), 2),
            ),
            50,
        ),
    ),
    "resend": things(
        thing(
            **{"from": TEXT},
            to=things(ADDRESS, 1),
            reply_to=TEXT,
            subject=TEXT,
            text=TEXT,
            html=TEXT,
            headers=TEXTS,
            # Names and values of tags: letters, digits, `_` and `-`.
            tags=things(thing(name={"pattern": "^[A-Za-z0-9_-]{1,256}$"}, value={"pattern": "^[A-Za-z0-9_-]{1,256}$"}), 2),
        ),
        100,
    ),
    "postmark": things(thing(**POSTMARK, To=ADDRESS, Headers=HEADERS, Metadata=METADATA), 500),
    "postmark bulk": thing(
        **POSTMARK, Messages=things(thing(To=ADDRESS, TemplateModel=TEXTS, Headers=HEADERS, Metadata=METADATA), 1000)
    ),
    "sendgrid": thing(
        personalizations=things(
            thing(to=things(thing(email=ADDRESS), 1), substitutions=TEXTS, headers=TEXTS, custom_args=TEXTS), 1000
        ),
        **{"from": thing(email=ADDRESS, name=TEXT)},
        reply_to=thing(email=ADDRESS, name=TEXT),
        subject=TEXT,
        content={
            "type": "array",
            "prefixItems": [thing(type={"const": "text/plain"}, value=TEXT), thing(type={"const": "text/html"}, value=TEXT)],
            "items": False,
        },
        # They keep these for themselves.
        headers={
            **TEXTS,
            "propertyNames": {"not": {"pattern": "(?i)^(x-sg-|received|dkim|content-|to|from|subject|reply-to|b?cc)"}},
        },
        categories=things({**TEXT, "maxLength": 255}, 10),
        tracking_settings=thing(
            click_tracking=thing(enable=NO, enable_text=NO),
            open_tracking=thing(enable=NO),
            subscription_tracking=thing(enable=NO),
            ganalytics=thing(enable=NO),
        ),
    ),
    "sparkpost": thing(
        options=thing(open_tracking=NO, initial_open=NO, click_tracking=NO, transactional={"const": True}),
        content=thing(
            **{"from": thing(email=ADDRESS, name=TEXT)}, reply_to=TEXT, subject=TEXT, text=TEXT, html=TEXT, headers=TEXTS
        ),
        # Keys are no words of its template language.
        substitution_data={
            **TEXTS,
            "propertyNames": {"pattern": "^[a-z][a-z0-9]*$", "not": {"enum": ["address", "email", "end", "if"]}},
        },
        recipients=things(thing(address=thing(email=ADDRESS), substitution_data=TEXTS, metadata=TEXTS), 2000),
    ),
    "mailgun": thing(
        **{"from": TEXT, "to": things(ADDRESS, 1000)},
        subject=TEXT,
        text=TEXT,
        html=TEXT,
        **{name: {"const": "no"} for name in ("o:tracking", "o:tracking-clicks", "o:tracking-opens")},
        **{"o:tag": things({**TEXT, "maxLength": 128, "pattern": "^[ -~]+$"}, 3)},
        **dict.fromkeys(("recipient-variables", "v:hf_batch", "v:hf_subscriber", "h:Reply-To"), TEXT),
        **{f"h:{name}": {"type": "string", "pattern": "^[ -~]+$"} for name, _ in MAILING.content.headers},
    ),
}


def body_of(provider: str, request: Request) -> Any:
    """What is sent, as its description sees it."""
    if provider != "mailgun":
        return json.loads(request.body)
    form = fields(request)
    several = {"to": [address for value in form.pop("to") for address in value.split(",")], "o:tag": form.pop("o:tag")}
    assert all(len(values) == 1 for values in form.values())
    return {**{name: value for name, (value,) in form.items()}, **several}


@pytest.mark.parametrize("provider", SHAPES)
@pytest.mark.parametrize("mailing", [MAILING, AWKWARD], ids=["plain", "awkward"])
def test_a_request_has_the_shape_that_the_provider_asks_for(provider: str, mailing: Any) -> None:
    jsonschema.Draft202012Validator(SHAPES[provider]).validate(body_of(provider, TOLD[provider].api.build(mailing)))


OFFICIAL = [
    ("brevo", "brevo.yaml", "/smtp/email", "application/json"),
    ("mailgun", "mailgun.yaml", "/v3/{domain_name}/messages", "multipart/form-data"),
    ("postmark", "postmark_server.yml", "/email/batch", "application/json"),
    ("resend", "resend.yaml", "/emails/batch", "application/json"),
    ("sendgrid", "sendgrid_mail_v3.json", "/v3/mail/send", "application/json"),
]


@pytest.mark.parametrize(("provider", "file", "path", "media_type"), OFFICIAL)
def test_a_request_is_what_the_providers_own_description_asks_for(provider: str, file: str, path: str, media_type: str) -> None:
    schema = request_schema(file, path, media_type)
    for mailing in (MAILING, AWKWARD, replace(MAILING, recipients=MAILING.recipients[:1])):
        assert breaches(file, schema, body_of(provider, TOLD[provider].api.build(mailing))) == []
    # The description would have noticed.
    assert breaches(file, schema, {"to": 1, "personalizations": 1})


def look_up(provider: str, answer: Any) -> Request:
    """The call by which the provider is asked for a batch; it finds nothing."""
    asked = Asked(response(200, answer))
    TOLD[provider].api.resolve(MAILING, NOW, asked)
    (request,) = asked.requests
    return request


def test_a_look_up_is_what_the_description_of_mailgun_asks_for() -> None:
    request = look_up("mailgun", {"items": [], "pagination": {}})
    path = request.url.removeprefix("https://api.mailgun.net")
    assert breaches("mailgun.yaml", request_schema("mailgun.yaml", path), json.loads(request.body)) == []


@pytest.mark.parametrize(
    ("provider", "file", "path", "answer", "newer"),
    [
        ("brevo", "brevo.yaml", "/smtp/statistics/events", {"events": []}, set()),
        # The description is older than Postmark's streams and metadata.
        (
            "postmark",
            "postmark_server.yml",
            "/messages/outbound",
            {"TotalCount": 0, "Messages": []},
            {"messagestream", "metadata_hf_batch"},
        ),
    ],
)
def test_a_look_up_asks_by_words_that_the_description_knows(
    provider: str, file: str, path: str, answer: Any, newer: set[str]
) -> None:
    address = urlsplit(look_up(provider, answer).url)
    assert address.path.endswith(path)
    assert set(dict(parse_qsl(address.query, strict_parsing=True))) - newer <= query_words(file, path)


def test_a_bulk_request_is_what_postmarks_own_library_asks_for() -> None:
    python = Path(sys.prefix, "s3", "bin", "python")
    if not python.exists():
        pytest.skip(f"Postmark's library is not there: {python} is missing; .ci/run installs it")
    bodies = [json.loads(TOLD["postmark bulk"].api.build(mailing).body) for mailing in (MAILING, AWKWARD)]
    wrong = [{"Messages": 1}, {**bodies[0], "Unheard": ""}]
    script = Path(__file__).with_name("postmark_opinion.py")
    done = subprocess.run([python, script], input=json.dumps(bodies + wrong), capture_output=True, text=True, check=True)
    *ours, incomplete, unheard = json.loads(done.stdout)
    assert ours == [[], []]
    assert len(incomplete) == 2
    assert unheard == ["Unheard"]


@pytest.mark.parametrize(
    "word", ["initial_open", "click_tracking", "transactional", "reply_to", "headers", "substitution_data", "metadata"]
)
def test_every_word_of_a_transmission_is_in_the_description_of_sparkpost(word: str) -> None:
    from tests.deliver.specifications import FOLDER

    description = FOLDER / "sparkpost_transmissions.apib"
    if not description.exists():
        pytest.skip(f"the provider's specification {description} is not there")
    assert f"+ {word} (" in description.read_text(encoding="utf-8")
