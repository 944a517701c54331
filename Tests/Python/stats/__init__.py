"""Compares `stsurvey stats` and `stsurvey report` with the lab's truth and with DuckDB."""
