"""The lab: a small Internet on loopback, made for a list of domains and a seed."""
