"""The embedded model from nothing: its corpus, recipe and evaluation."""
