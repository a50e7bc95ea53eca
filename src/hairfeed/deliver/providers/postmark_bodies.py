"""What Postmark is sent: a mail in full, or one body for all. Pure."""

from typing import Any

from hairfeed.deliver.form import Form, json_text
from hairfeed.deliver.mailing import BATCH, SUBSCRIBER, Mailing, Recipient
from hairfeed.deliver.providers.inline import MergeSyntax, inline
from hairfeed.deliver.providers.writing import ascii_header, mailbox
from hairfeed.text.merge import Mergeable

# Three braces: the values go in as they are, and HTML is escaped here. Nothing then hangs on where they escape.
_SYNTAX = MergeSyntax(variable=lambda name: f"{{{{{{{name}}}}}}}", openings=("{{",))


def item_form(mailing: Mailing, stream: str) -> Form:
    """One mail of a batch, as JSON."""
    content, form = mailing.content, Form()

    def text(value: Mergeable, *, html: bool = False) -> None:
        form.add(b'"')
        form.add_text(value, json_text, html=html)
        form.add(b'"')

    form.add(b'{"From":"%b","To":"' % json_text(mailbox(content.sender)))
    form.add_own(lambda recipient: json_text(recipient.email))
    form.add(b'","ReplyTo":"%b","Subject":' % json_text(mailbox(content.reply_to)))
    text(content.subject)
    form.add(b',"TextBody":')
    text(content.text)
    form.add(b',"HtmlBody":')
    text(content.html, html=True)
    form.add(b',"Headers":[')
    for number, (name, value) in enumerate(content.headers):
        form.add(b'%b{"Name":"%b","Value":' % (b"," if number else b"", json_text(name)))
        text(value if value.fields else Mergeable((ascii_header(value.texts[0]),), ()))
        form.add(b"}")
    form.add(b'],"Metadata":{"%b":"%b","%b":"' % (BATCH.encode(), json_text(mailing.key), SUBSCRIBER.encode()))
    form.add_own(_number)
    form.add(b'"},"MessageStream":"%b","TrackOpens":false,"TrackLinks":"None"}' % json_text(stream))
    return form


def _number(recipient: Recipient) -> bytes:
    return str(recipient.subscriber_id).encode()


def bulk_body(mailing: Mailing, stream: str) -> dict[str, Any]:
    """One body, and what differs by recipient. Headers stand with each recipient in full: nothing hangs on how they are joined."""
    content = inline(mailing.content, _SYNTAX)
    headers = [(name, value, ascii_header(value.texts[0])) for name, value in mailing.content.headers]
    return {
        "From": mailbox(mailing.content.sender),
        "ReplyTo": mailbox(mailing.content.reply_to),
        "Subject": content.subject,
        "TextBody": content.text,
        "HtmlBody": content.html,
        "MessageStream": stream,
        "TrackOpens": False,
        "TrackLinks": "None",
        "Messages": [
            {
                "To": one.email,
                "TemplateModel": values,
                "Headers": [
                    {"Name": name, "Value": value.fill(one.values) if value.fields else fixed} for name, value, fixed in headers
                ],
                "Metadata": {BATCH: mailing.key, SUBSCRIBER: str(one.subscriber_id)},
            }
            for one, values in content.each(mailing.recipients)
        ],
    }
