"""Mails that come back: from readers who leave by writing, and from mail servers that could not deliver."""
