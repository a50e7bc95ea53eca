"""Lists of readers in files: everything known of everybody out of the ledger, and lists of other programs into it."""
