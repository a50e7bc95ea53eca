"""What an operator looks at and keeps in order: the state of things, checks, backups, retention, metrics."""
