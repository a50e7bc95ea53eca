"""A web site as a source: from its sitemap or index to its pages."""
