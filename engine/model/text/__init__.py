"""A model's text: its tokenizer, its chat format, texts with gaps."""
