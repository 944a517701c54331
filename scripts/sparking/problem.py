"""What ends the job with a message and an exit code; those of stsurvey."""

from __future__ import annotations

WRONG_USE = 64
NOT_WHOLE = 65
NOT_THERE = 66
AGAIN = 75


class Problem(Exception):
    """Something that who started the job must change or know."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code
