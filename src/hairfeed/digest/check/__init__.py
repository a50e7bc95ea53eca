"""What `hairfeed check` looks at in mails before there are any: every template, filled with samples."""
