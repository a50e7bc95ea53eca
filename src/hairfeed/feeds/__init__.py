"""From articles in the ledger to feed files."""
