"""Which model: where each comes from, what it needs, and whether that is here."""
