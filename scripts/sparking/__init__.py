"""Scans lists of domains on Spark: the program is the worker, stages end in files."""
