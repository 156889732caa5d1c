"""Text as people read and type it."""
