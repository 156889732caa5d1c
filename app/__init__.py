"""The only place that knows both the engine and the widgets."""
