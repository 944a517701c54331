"""The load lab and the measurements of scripts/bench."""
