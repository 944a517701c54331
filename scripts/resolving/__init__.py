"""Sets up unbound for a survey; see __main__."""
