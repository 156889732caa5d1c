"""DiffusionGemma on another computer, behind a server: asked over HTTP, run here as if it were here. No torch."""
