"""Published files, copied to where readers fetch them: one module for each kind of place."""
