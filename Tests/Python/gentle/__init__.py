"""How much load scans put on single servers, and what they cost; see scripts/gentle-check."""
