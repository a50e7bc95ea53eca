"""The mails that a provider makes of a request, by its own published rules. Nothing here comes from the adapters."""

import json
import re
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from hairfeed.deliver.providers.contract import Request
from tests.deliver.mailings import Mail


def fields(request: Request) -> dict[str, list[str]]:
    """The fields of a posted form, of either kind."""
    kind = request.headers["Content-Type"]
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    else:
        message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body, policy=policy.HTTP)
        parts = list(message.iter_parts())
        assert not any(part.defects for part in (message, *parts))
        pairs = [(str(part.get_param("name", header="Content-Disposition")), _payload(part)) for part in parts]
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _payload(part: Any) -> str:
    content: bytes = part.get_payload(decode=True)
    return content.decode()


def mailgun_mails(request: Request) -> list[Mail]:
    """Mailgun: `%recipient.key%` anywhere, once for each recipient; an unknown key stays, its other variables are filled."""
    form = fields(request)
    people = [address for value in form["to"] for address in value.split(",")]
    variables = json.loads(form["recipient-variables"][0])
    assert set(variables) == set(people)

    def mail(address: str) -> Mail:
        own = variables[address]

        def one(name: str) -> str:
            (text,) = form[name]
            return re.sub(r"%recipient\.([\w:-]+)%", lambda match: str(own.get(match[1], match[0])), text)

        for name in ("subject", "text", "html"):
            left = re.sub(r"%recipient\.[\w:-]+%", "", form[name][0])
            assert not re.search(r"%(recipient|unsubscribe_url|tag_unsubscribe_url|mailing_list_unsubscribe_url)", left)
        headers = {name[2:].lower(): _decoded(one(name)) for name in form if name.startswith("h:")}
        return Mail(
            to=address,
            sender=parseaddr(one("from")),
            reply_to=parseaddr(headers.pop("reply-to")),
            subject=one("subject"),
            text=one("text"),
            html=one("html"),
            headers=headers,
            metadata={name[2:]: one(name) for name in form if name.startswith("v:")},
            tracked=tuple(what for what in ("opens", "clicks") if form.get(f"o:tracking-{what}") != ["no"]),
            tags=tuple(form.get("o:tag", ())),
        )

    return [mail(address) for address in people]


def sendgrid_mails(request: Request) -> list[Mail]:
    """SendGrid: substitution tags are any strings, replaced in subject and content; what a personalization says goes first."""
    body = json.loads(request.body)
    (text, html) = (one["value"] for one in sorted(body["content"], key=lambda one: one["type"], reverse=True))
    tracking = body["tracking_settings"]

    def mail(one: Mapping[str, Any]) -> Mail:
        def filled(content: str) -> str:
            ways = [list(one.get("substitutions", {}).items()), list(reversed(one.get("substitutions", {}).items()))]
            results = set()
            for tags in ways:
                result = content
                for tag, value in tags:
                    result = result.replace(tag, value)
                results.add(result)
            (only,) = results
            return str(only)

        (to,) = one["to"]
        headers = {**body.get("headers", {}), **one.get("headers", {})}
        assert all(isinstance(value, str) for value in (*headers.values(), *one["custom_args"].values()))
        reply_to = body.get("reply_to") or body["reply_to_list"][0]
        return Mail(
            to=to["email"],
            sender=(body["from"].get("name", ""), body["from"]["email"]),
            reply_to=(reply_to.get("name", ""), reply_to["email"]),
            subject=filled(body["subject"]),
            text=filled(text),
            html=filled(html),
            headers={name.lower(): _decoded(value) for name, value in headers.items()},
            metadata=one["custom_args"],
            tracked=tuple(
                what
                for what, name in (("opens", "open"), ("clicks", "click"), ("unsubscribe", "subscription"))
                if tracking.get(f"{name}_tracking", {}).get("enable", True)
            ),
            tags=tuple(body.get("categories", ())),
        )

    return [mail(one) for one in body["personalizations"]]


def postmark_mails(request: Request) -> list[Mail]:
    """Postmark: a list of mails, one mail, or the Bulk API with Mustache in subject and both bodies."""
    body = json.loads(request.body)
    if "Messages" not in body:
        return [_postmark_mail(one, {}) for one in (body if isinstance(body, list) else [body])]
    shared = {name: value for name, value in body.items() if name != "Messages"}
    return [_postmark_mail({**shared, **one}, one.get("TemplateModel", {})) for one in body["Messages"]]


def _postmark_mail(one: Mapping[str, Any], model: Mapping[str, str]) -> Mail:
    bulk = "TemplateModel" in one

    def filled(text: str, *, html: bool = False) -> str:
        return _mustache(text, model, escape if html else str) if bulk else text

    tracked = [what for what, off in (("opens", one["TrackOpens"] is False), ("clicks", one["TrackLinks"] == "None")) if not off]
    return Mail(
        to=one["To"],
        sender=parseaddr(one["From"]),
        reply_to=parseaddr(one["ReplyTo"]),
        subject=filled(one["Subject"]),
        text=filled(one["TextBody"]),
        html=filled(one["HtmlBody"], html=True),
        headers={header["Name"].lower(): _decoded(header["Value"]) for header in one["Headers"]},
        metadata=one["Metadata"],
        tracked=tuple(tracked),
        tags=(one["Tag"],) if "Tag" in one else (),
    )


def resend_mails(request: Request) -> list[Mail]:
    """Resend: a list of mails; tracking is a setting of the domain."""

    def mail(one: Mapping[str, Any]) -> Mail:
        (to,) = one["to"]
        headers = {name.lower(): _decoded(value) for name, value in one["headers"].items()}
        assert re.fullmatch(r"<[^<>@]+@[^<>@]+>", headers.pop("message-id"))
        return Mail(
            to=to,
            sender=parseaddr(one["from"]),
            reply_to=parseaddr(one["reply_to"]),
            subject=one["subject"],
            text=one["text"],
            html=one["html"],
            headers=headers,
            metadata={tag["name"]: tag["value"] for tag in one["tags"]},
        )

    return [mail(one) for one in json.loads(request.body)]


def sparkpost_mails(request: Request) -> list[Mail]:
    """SparkPost: its template language in everything; two braces escape HTML, and encode what stands in a link."""
    body = json.loads(request.body)
    content, options = body["content"], body["options"]

    def mail(one: Mapping[str, Any]) -> Mail:
        metadata = {**body.get("metadata", {}), **one.get("metadata", {})}
        data = {**metadata, **body.get("substitution_data", {}), **one.get("substitution_data", {})}

        def filled(text: str, *, html: bool = False) -> str:
            assert not re.search(r"\[\[data-msys", text)
            return _mustache(text, data, escape if html else str)

        sender = content["from"]
        named = (filled(sender.get("name", "")), sender["email"]) if isinstance(sender, dict) else parseaddr(filled(sender))
        return Mail(
            to=one["address"]["email"],
            sender=named,
            reply_to=parseaddr(filled(content["reply_to"])),
            subject=filled(content["subject"]),
            text=filled(content["text"]),
            html=filled(content["html"], html=True),
            headers={name.lower(): filled(value) for name, value in content["headers"].items()},
            metadata=metadata,
            tracked=tuple(what for what, name in (("opens", "open"), ("clicks", "click")) if options[f"{name}_tracking"]),
            tags=(body["campaign_id"],) if "campaign_id" in body else (),
        )

    return [mail(one) for one in body["recipients"]]


def ses_mails(request: Request) -> list[Mail]:
    """SES: Handlebars that do not escape, in subject and both bodies; a recipient's headers go before the template's."""
    body = json.loads(request.body)
    template = body["DefaultContent"]["Template"]
    tracking = body["ConfigurationOverrides"]["Tracking"]
    (reply_to,) = body["ReplyToAddresses"]

    def mail(one: Mapping[str, Any]) -> Mail:
        replacement = one["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
        data = {**json.loads(template["TemplateData"]), **json.loads(replacement)}
        headers = {header["Name"].lower(): header["Value"] for header in [*template["Headers"], *one["ReplacementHeaders"]]}
        assert all(value.isascii() for value in (*headers.values(), body["FromEmailAddress"], reply_to))

        def filled(part: str) -> str:
            text = template["TemplateContent"][part]
            assert not re.search(r"\\\{\{|\{\{\{", text), "braces that mean something else"
            return _commands(text, r"\{\{\s*(\w+)\s*\}\}", ("{{",), data, str)

        (to,) = one["Destination"]["ToAddresses"]
        return Mail(
            to=to,
            sender=_named(body["FromEmailAddress"]),
            reply_to=_named(reply_to),
            subject=filled("Subject"),
            text=filled("Text"),
            html=filled("Html"),
            headers={name: _decoded(value) for name, value in headers.items()},
            metadata={tag["Name"]: tag["Value"] for tag in one["ReplacementTags"]},
            tracked=tuple(what for what in ("Open", "Click") if tracking[f"{what}TrackingEnabled"] != "DISABLED"),
        )

    return [mail(one) for one in body["BulkEmailEntries"]]


def brevo_mails(request: Request) -> list[Mail]:
    """Brevo: a template language like Django's, which escapes unless it is told otherwise; here in subjects, too."""
    body = json.loads(request.body)
    shared = {name: value for name, value in body.get("headers", {}).items() if name != "idempotencyKey"}

    def mail(one: Mapping[str, Any]) -> Mail:
        def filled(text: str) -> str:
            plain = re.fullmatch(r"\{% autoescape off %\}(.*)\{% endautoescape %\}", text, re.DOTALL)
            how = str if plain else escape
            command = r"\{\{\s*params\.(\w+)\s*\}\}"
            return _commands(plain[1] if plain else text, command, ("{{", "{%", "{#"), one["params"], how)

        headers = {name.lower(): value for name, value in {**shared, **one["headers"]}.items()}
        # It decodes what is encoded, and sends other scripts in eight bits.
        assert all(value.isascii() and "=?" not in value for value in headers.values())
        assert body["replyTo"].get("name", "").isascii()
        (to,) = one["to"]
        return Mail(
            to=to["email"],
            sender=(_decoded(body["sender"].get("name", "")), body["sender"]["email"]),
            reply_to=(body["replyTo"].get("name", ""), body["replyTo"]["email"]),
            subject=filled(one.get("subject", body["subject"])),
            text=filled(body["textContent"]),
            html=filled(body["htmlContent"]),
            metadata=json.loads(headers.pop("x-mailin-custom")),
            headers=headers,
            tags=tuple(body.get("tags", ())),
        )

    return [mail(one) for one in body["messageVersions"]]


def mailjet_mails(request: Request) -> list[Mail]:
    """Mailjet: `{{var:name:default}}` in subject and both bodies. A mail with a header that it keeps for itself is refused."""
    body = json.loads(request.body)

    def mail(one: Mapping[str, Any]) -> Mail:
        said = {**body["Globals"], **one, "Headers": {**body["Globals"].get("Headers", {}), **one["Headers"]}}
        assert said["TemplateLanguage"] is True
        assert not {name.lower() for name in said["Headers"]} & {
            "list-id",
            "reply-to",
            "subject",
            "from",
            "to",
            "date",
            "message-id",
        }

        def filled(part: str) -> str:
            return _commands(said[part], r'\{\{var:(\w+)(?::"")?\}\}', ("{{", "{%", "[[var:", "[[data:"), said["Variables"], str)

        (to,) = said["To"]
        return Mail(
            to=to["Email"],
            sender=(said["From"].get("Name", ""), said["From"]["Email"]),
            reply_to=(said["ReplyTo"].get("Name", ""), said["ReplyTo"]["Email"]),
            subject=filled("Subject"),
            text=filled("TextPart"),
            html=filled("HTMLPart"),
            headers={name.lower(): _decoded(value) for name, value in said["Headers"].items()},
            metadata=json.loads(said["EventPayload"]),
            tracked=tuple(what for what in ("Opens", "Clicks") if said[f"Track{what}"] != "disabled"),
            tags=(said["CustomCampaign"],) if "CustomCampaign" in said else (),
        )

    return [mail(one) for one in body["Messages"]]


def _commands(text: str, variable: str, openings: tuple[str, ...], values: Mapping[str, str], how: Any) -> str:
    """Variables filled in. Any other command is a fault of the text, and so is a variable that begins with a brace too many."""
    left = re.sub(variable, "\0", text)
    assert not any(opening in left for opening in openings), "a command that nobody meant"
    assert not re.search(r"\{\0", left), "a variable that is none"
    return re.sub(variable, lambda match: str(how(values[match[1]])), text)


def _named(text: str) -> tuple[str, str]:
    name, address = parseaddr(text)
    return _decoded(name), address


def _mustache(text: str, values: Mapping[str, str], escaped: Any) -> str:
    """Variables between two braces, escaped, or three, as they are. Any other command is a fault of the text."""

    def filled(match: re.Match[str]) -> str:
        if match[1] is None:
            return str(escaped(values[match[2]]))
        return str(values[match[1]])

    command = re.compile(r"\{\{\{\s*(\w+)\s*\}\}\}|\{\{\s*(\w+)\s*\}\}")
    pieces = text.split("{{opening_double_curly()}}")
    assert not any("{{" in command.sub("·", piece) or "{{{{" in piece for piece in pieces), "a command that nobody meant"
    return "{{".join(command.sub(filled, piece) for piece in pieces)


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value))) if "=?" in value else value
