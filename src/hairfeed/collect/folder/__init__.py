"""A folder of pages as a source: text, Markdown and HTML files, by the conventions of whoever fills it."""
