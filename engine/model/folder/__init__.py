"""A model's folder: what is in it, checked before anything is built of it."""
