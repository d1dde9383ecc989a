"""Language models: what reads and writes text, token by token."""
