"""What travels between threads, to the screen and to files: plain values. No torch, nothing else of the engine."""
