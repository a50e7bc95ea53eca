"""When a pass runs, and which newsletters are due in it."""
