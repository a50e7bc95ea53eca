"""From a source to articles in the ledger."""
