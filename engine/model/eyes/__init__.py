"""Pictures in a prompt: how a model wants them cut, and the part of it that looks at them."""
