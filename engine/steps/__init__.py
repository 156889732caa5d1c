"""How text is made: one step after the other, and what a step is made of."""
