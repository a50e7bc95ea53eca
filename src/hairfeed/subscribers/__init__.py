"""Who is mailed: sign-up to erasure."""
