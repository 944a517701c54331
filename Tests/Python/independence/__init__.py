"""Whether a verdict depends on the machine's settings, on an order, or on what came first."""
