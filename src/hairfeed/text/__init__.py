"""Words: read a date, sanitise HTML, cut a summary. Pure: no files, no clock, no network."""
