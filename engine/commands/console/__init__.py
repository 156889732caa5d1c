"""What the commands share: flags, what is read and written, how they end, the canvas in a terminal."""
