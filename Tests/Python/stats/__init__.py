"""Holds what `stsurvey stats` and `stsurvey report` say against the lab's truth and DuckDB."""
