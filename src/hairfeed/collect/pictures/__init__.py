"""Pictures of articles and of the look: fetched once, made fit for mails, kept."""
