"""The denoiser and everything that can be measured about it. Knows no Qt, no widgets and no app."""
