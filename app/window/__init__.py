"""The window: where everything is, and what people can wish for."""
