"""HTTP: what the world asks HairFeed for. Nothing here fetches, and nothing submits."""
