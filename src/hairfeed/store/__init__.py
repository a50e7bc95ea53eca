"""The ledger: the only SQL of HairFeed."""
