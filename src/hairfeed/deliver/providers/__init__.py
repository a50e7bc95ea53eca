"""Where mails go: one file a provider."""
