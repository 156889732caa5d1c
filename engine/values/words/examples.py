"""Examples: prompts that the embedded model is good at, for whoever starts."""

EXAMPLE = "Write a story about a mouse who loses a ring"
EXAMPLES = (  # each with a short label
    ("a story", EXAMPLE),
    ("a bedtime story", "Tell me a story about a knight who is afraid of the dark"),
    ("a poem", "Write a poem about the rain"),
    ("a letter", "Write a letter to a friend about the garden"),
    ("a character", "Describe a brave mouse named Pip"),
    ("how to", "How do I make pancakes?"),
    ("a times table", "Show me the 7 times table"),
)
