"""From a composed issue to batches that a provider accepted."""
