"""Experts in 4 bits: how they are packed, loaded, kept on disk and multiplied. All else of a model stays whole."""
