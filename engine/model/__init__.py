"""Where a model comes from: found, judged, fetched, loaded."""
