"""A feed as a source: its bytes to entries, in any form and however broken, and a look at it."""
