"""The tables of the ledger. What they are for stands in docs/architecture.md; migrations/ makes them."""
