"""What breaks a scan, done to it on purpose; see scripts/soak."""
