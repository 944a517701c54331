"""Disturbs scans on purpose and compares their results; see scripts/soak."""
