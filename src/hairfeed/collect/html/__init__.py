"""An HTML page to what it says: head, dates, body, pictures and recordings."""
