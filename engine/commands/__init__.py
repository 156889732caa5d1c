"""The headless commands, one file each, and the flags that they share. No Qt."""
