"""Reports of mail servers as they come in (RFC 3464, RFC 5965): written by hand, in the form that Postfix and Exchange use."""

TOKEN = "AAAAAAAAAAE4rT2mXo7wPzKq9vJ3hY-_"
LINK = f"https://hair.example.org/mail/u/{TOKEN}"
MAILTO = f"mailto:editor@hair.example.org?subject=Unsubscribe%20{TOKEN}"

_REPORT = """\
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: weekly@hair.example.org
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="A.B/mx.example.net"

This is a MIME-encapsulated message.

--A.B/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--A.B/mx.example.net
{facts}
--A.B/mx.example.net
Content-Type: {returns}

{original}
--A.B/mx.example.net--
"""

_ORIGINAL = """\
From: Plain Hair Weekly <weekly@hair.example.org>
To: reader@example.net
Subject: How hair grows
Message-ID: {message_id}
List-Unsubscribe: <{link}>,
 <{mailto}>
Feedback-ID: {number}:weekly:digest:hairfeed

How hair grows.
"""


def original(token: str = TOKEN, message_id: str = "<weekly.1.0123456789abcdef01234567@hair.example.org>", number: int = 1) -> str:
    """A mail of ours as it comes back."""
    link, mailto = LINK.replace(TOKEN, token), MAILTO.replace(TOKEN, token)
    return _ORIGINAL.format(message_id=message_id, link=link, mailto=mailto, number=number)


def bounce(
    status: str = "5.1.1",
    diagnosis: str = "smtp; 550 5.1.1 no such user",
    action: str = "failed",
    returns: str = "message/rfc822",
    mail: str = "",
) -> bytes:
    """A server could not deliver `mail`."""
    facts = (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; reader@example.net\nAction: {action}\nStatus: {status}\n"
    ) + (f"Diagnostic-Code: {diagnosis}\n" if diagnosis else "")
    subject, kind = "Undelivered Mail Returned to Sender", "delivery-status"
    return _REPORT.format(subject=subject, kind=kind, facts=facts, returns=returns, original=mail or original()).encode()


def complaint(kind: str = "abuse", mail: str = "") -> bytes:
    """A reader has marked `mail` as spam, or the like."""
    facts = f"Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Sample/1.0\nVersion: 1\n"
    text = _REPORT.format(
        subject="Abuse report", kind="feedback-report", facts=facts, returns="message/rfc822", original=mail or original()
    )
    return text.encode()
