"""What readers would trip over in the files that are published: one module for each format, and the walk through the directory."""
