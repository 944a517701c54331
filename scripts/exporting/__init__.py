"""Writes scans as tables: Parquet or CSV, with a codebook, and data sets to publish."""
