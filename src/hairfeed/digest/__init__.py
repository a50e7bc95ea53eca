"""From articles in the ledger to a composed issue."""
