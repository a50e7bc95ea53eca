"""From issues in the ledger to their public pages."""
