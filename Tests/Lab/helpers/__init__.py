"""What several tests share: running the program, and small servers for it."""
