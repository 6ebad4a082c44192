"""Where the secrets of a text are, by its format, and what stands in their place."""
