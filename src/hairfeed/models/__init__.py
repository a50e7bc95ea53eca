"""What crosses the borders between rooms: frozen dataclasses, and the enums that the ledger stores."""
