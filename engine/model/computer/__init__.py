"""What this computer has for a model."""
