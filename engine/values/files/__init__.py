"""Recordings as files, and what comes from strangers, checked."""
