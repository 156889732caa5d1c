"""Benches: ours against transformers' own, and against what the device can do. Each ends in one JSON line."""
