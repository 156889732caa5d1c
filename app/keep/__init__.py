"""What outlasts a run: recordings, pictures, preferences."""
