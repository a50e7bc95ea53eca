"""What relays say, in their own words, and what it comes to."""

import pytest

from hairfeed.deliver.providers.smtp_replies import Asked, Meaning, Reply, meaning

# The words are those of Postfix, Exim, Sendmail, Exchange and Microsoft 365, Gmail and Google's relay, qmail and Amazon SES.
REPLIES = {
    # Nothing from us: the relay
    "Postfix, relay": ("554 5.7.1 <a@example.net>: Relay access denied", Asked.RECIPIENT, Meaning.OURS),
    "Postfix, relay later": ("454 4.7.1 <a@example.net>: Relay access denied", Asked.RECIPIENT, Meaning.NOBODY),
    "Exim, relay": ("550 relay not permitted", Asked.RECIPIENT, Meaning.OURS),
    "Exim, relay, named": ("550-Relaying denied. Please authenticate.", Asked.RECIPIENT, Meaning.OURS),
    "Sendmail, relay": ("550 5.7.1 <a@example.net>... Relaying denied", Asked.RECIPIENT, Meaning.OURS),
    "Sendmail, login": (
        "550 5.7.1 <a@example.net>... Relaying denied. Proper authentication required.",
        Asked.RECIPIENT,
        Meaning.OURS,
    ),
    "Exchange, relay": ("550 5.7.1 Unable to relay for a@example.net", Asked.RECIPIENT, Meaning.OURS),
    "Exchange, relay now": (
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        Asked.RECIPIENT,
        Meaning.OURS,
    ),
    "Microsoft 365, tenant": ("550 5.7.64 TenantAttribution; Relay Access Denied", Asked.RECIPIENT, Meaning.OURS),
    "Google, relay": ("550 5.7.1 Invalid credentials for relay [192.0.2.1].", Asked.MAIL, Meaning.OURS),
    "qmail, relay": ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Asked.RECIPIENT, Meaning.OURS),
    # Nothing from us: the login
    "RFC 4954": ("530 5.7.0 Authentication required", Asked.RECIPIENT, Meaning.OURS),
    "Sendmail, TLS": ("530 5.7.0 Must issue a STARTTLS command first", Asked.SENDER, Meaning.OURS),
    "Gmail, login": ("530 5.5.1 Authentication Required.", Asked.SENDER, Meaning.OURS),
    "Gmail, password": ("535 5.7.8 Username and Password not accepted.", Asked.SENDER, Meaning.OURS),
    "Gmail, app password": ("534 5.7.9 Application-specific password required.", Asked.SENDER, Meaning.OURS),
    "Exchange, login": ("530 5.7.57 SMTP; Client was not authenticated to send anonymous mail", Asked.SENDER, Meaning.OURS),
    "Exim, login": ("550 authentication required", Asked.RECIPIENT, Meaning.OURS),
    "SES, login": ("530 Authentication required", Asked.SENDER, Meaning.OURS),
    "login later": ("454 4.7.0 Temporary authentication failure", Asked.SENDER, Meaning.NOBODY),
    # Nothing from us: the sender, the account, our address
    "Postfix, sender": (
        "553 5.7.1 <weekly@hair.example.org>: Sender address rejected: not owned by user weekly",
        Asked.RECIPIENT,
        Meaning.OURS,
    ),
    "Postfix, client": (
        "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
        Asked.RECIPIENT,
        Meaning.OURS,
    ),
    "Postfix, list": (
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example.org",
        Asked.RECIPIENT,
        Meaning.OURS,
    ),
    "Sendmail, sender's domain": ("553 5.1.8 <w@x.invalid>... Domain of sender address does not exist", Asked.SENDER, Meaning.OURS),
    "Exchange, sender": ("550 5.7.60 SMTP; Client does not have permissions to send as this sender", Asked.MAIL, Meaning.OURS),
    "Microsoft 365, sender": (
        "554 5.2.252 SendAsDenied; weekly@hair.example.org not allowed to send as editor@hair.example.org",
        Asked.MAIL,
        Meaning.OURS,
    ),
    "Microsoft 365, outbound": ("550 5.1.8 Access denied, bad outbound sender.", Asked.MAIL, Meaning.OURS),
    "Microsoft 365, traffic": (
        "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.",
        Asked.MAIL,
        Meaning.OURS,
    ),
    "Gmail, quota": ("550 5.4.5 Daily user sending limit exceeded.", Asked.MAIL, Meaning.OURS),
    "Gmail, DMARC": ("550 5.7.26 This mail has been blocked because the sender is unauthenticated.", Asked.MAIL, Meaning.OURS),
    "SES, sandbox": (
        "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1",
        Asked.MAIL,
        Meaning.OURS,
    ),
    "any, sender": ("550 5.7.1 not your domain", Asked.SENDER, Meaning.OURS),
    # This recipient, for good
    "Postfix, unknown": (
        "550 5.1.1 <a@example.net>: Recipient address rejected: User unknown in local recipient table",
        Asked.RECIPIENT,
        Meaning.REFUSED,
    ),
    "Postfix, unknown in relay table": (
        "550 5.1.1 <a@example.net>: Recipient address rejected: User unknown in relay recipient table",
        Asked.RECIPIENT,
        Meaning.REFUSED,
    ),
    "Postfix, no domain": (
        "550 5.1.2 <a@example.invalid>: Recipient address rejected: Domain not found",
        Asked.RECIPIENT,
        Meaning.REFUSED,
    ),
    "Exim, unknown": ("550 Unrouteable address", Asked.RECIPIENT, Meaning.REFUSED),
    "Sendmail, unknown": ("550 5.1.1 <a@example.net>... User unknown", Asked.RECIPIENT, Meaning.REFUSED),
    "Exchange, unknown": ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", Asked.RECIPIENT, Meaning.REFUSED),
    "Microsoft 365, unknown": ("550 5.4.1 Recipient address rejected: Access denied.", Asked.RECIPIENT, Meaning.REFUSED),
    "Gmail, unknown": ("550 5.1.1 The email account that you tried to reach does not exist.", Asked.RECIPIENT, Meaning.REFUSED),
    "Gmail, disabled": (
        "550 5.2.1 The email account that you tried to reach is disabled.",
        Asked.RECIPIENT,
        Meaning.REFUSED,
    ),
    "bad syntax": ("501 5.1.3 Bad recipient address syntax", Asked.RECIPIENT, Meaning.REFUSED),
    "mailbox full": ("552 5.2.2 Mailbox is full", Asked.RECIPIENT, Meaning.REFUSED),
    "a list that is closed": ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", Asked.RECIPIENT, Meaning.REFUSED),
    "policy of the recipient": ("550 5.7.1 <a@example.net>: Recipient address rejected: policy", Asked.RECIPIENT, Meaning.REFUSED),
    # This mail, for good: the engine sees that nobody is taken
    "Postfix, size": ("552 5.3.4 Message size exceeds fixed limit", Asked.SENDER, Meaning.REFUSED),
    "Sendmail, size": ("552 5.2.3 Message size exceeds fixed maximum message size (1000)", Asked.SENDER, Meaning.REFUSED),
    "Exim, size": ("552 Message size exceeds maximum permitted", Asked.SENDER, Meaning.REFUSED),
    "Gmail, size": ("552 5.2.3 Your message exceeded Google's message size limits.", Asked.MAIL, Meaning.REFUSED),
    "spam": ("554 5.7.1 Message rejected as spam", Asked.MAIL, Meaning.REFUSED),
    "a forbidden link": ("552 5.7.0 Our system detected an illegal attachment on your message.", Asked.MAIL, Meaning.REFUSED),
    # This recipient, later
    "Postgrey": (
        "450 4.2.0 <a@example.net>: Recipient address rejected: Greylisted, see http://postgrey.example.org/",
        Asked.RECIPIENT,
        Meaning.LATER,
    ),
    "greylisted": ("451 4.7.1 Greylisting in action, please come back later", Asked.RECIPIENT, Meaning.LATER),
    "Exim, defer": ("451 Temporary local problem - please try later", Asked.RECIPIENT, Meaning.LATER),
    "Postfix, lookup": ("451 4.3.0 <a@example.net>: Temporary lookup failure", Asked.RECIPIENT, Meaning.LATER),
    "Gmail, full": ("452 4.2.2 The recipient's inbox is out of storage space.", Asked.RECIPIENT, Meaning.LATER),
    "Gmail, their rate": (
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Rate limit exceeded.",
        Asked.RECIPIENT,
        Meaning.LATER,
    ),
    "no enhanced code": ("452 try again", Asked.RECIPIENT, Meaning.LATER),
    # Not so much
    "Postfix, recipients": ("452 4.5.3 Error: too many recipients", Asked.RECIPIENT, Meaning.TOO_FAST),
    "Exim, recipients": ("452 too many recipients", Asked.RECIPIENT, Meaning.TOO_FAST),
    "Postfix, connections": (
        "421 4.7.0 relay.example.org Error: too many connections from 192.0.2.1",
        Asked.SENDER,
        Meaning.TOO_FAST,
    ),
    "Postfix, rate": ("450 4.7.1 Error: too many mails from 192.0.2.1", Asked.SENDER, Meaning.TOO_FAST),
    "Sendmail, connections": ("421 4.3.2 Too many open connections.", Asked.SENDER, Meaning.TOO_FAST),
    "Gmail, unusual": ("421 4.7.28 Gmail has detected an unusual rate of unsolicited mail.", Asked.MAIL, Meaning.TOO_FAST),
    "SES, rate": ("454 Throttling failure: Maximum sending rate exceeded.", Asked.MAIL, Meaning.TOO_FAST),
    "Microsoft 365, rate": ("451 4.7.500 Server busy. Rate limit exceeded", Asked.MAIL, Meaning.TOO_FAST),
    # Nothing from anybody
    "shutting down": ("421 4.3.2 Service shutting down", Asked.RECIPIENT, Meaning.NOBODY),
    "Postfix, full": ("452 4.3.1 Insufficient system storage", Asked.SENDER, Meaning.NOBODY),
    "Sendmail, full": ("452 4.4.5 Insufficient disk space; try again later", Asked.RECIPIENT, Meaning.NOBODY),
    "Exim, full": ("452 space shortage, please try later", Asked.SENDER, Meaning.NOBODY),
    "Postfix, sender later": (
        "450 4.1.8 <weekly@hair.example.org>: Sender address rejected: Domain not found",
        Asked.SENDER,
        Meaning.NOBODY,
    ),
    # No answer
    "lost the thread": ("503 5.5.1 Error: need MAIL command", Asked.RECIPIENT, Meaning.NONSENSE),
    "unknown command": ("500 5.5.2 Error: bad syntax", Asked.MAIL, Meaning.NONSENSE),
    "another answer": ("354 go on", Asked.RECIPIENT, Meaning.NONSENSE),
    "no code": ("0 <html>Welcome!", Asked.MAIL, Meaning.NONSENSE),
    "a code beyond all": ("999 yes", Asked.MAIL, Meaning.NONSENSE),
    "yes": ("250 2.1.5 Ok", Asked.RECIPIENT, Meaning.YES),
    "yes, forwarded": ("251 2.1.5 User not local; will forward", Asked.RECIPIENT, Meaning.YES),
}


@pytest.mark.parametrize(("said", "asked", "expected"), REPLIES.values(), ids=REPLIES)
def test_a_relays_words_come_to(said: str, asked: Asked, expected: Meaning) -> None:
    code, _, text = said.replace("-", " ", 1).partition(" ") if said[3:4] == "-" else said.partition(" ")
    assert meaning(Reply(int(code), text), asked) is expected
