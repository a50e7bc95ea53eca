"""Workers on many machines: what `hairfeed work` does."""
