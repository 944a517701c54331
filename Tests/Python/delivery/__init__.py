"""Real deliveries by Postfix, beside the verdicts for it."""
