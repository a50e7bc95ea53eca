"""The way out: one request at a time, guarded, patient and polite."""
