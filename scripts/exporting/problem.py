"""What ends an export, with its exit code: those of stsurvey."""

from __future__ import annotations

WRONG_USE, DAMAGED, MISSING, NOT_WRITTEN = 64, 65, 66, 74


class ExportError(Exception):
    """Why nothing was written; the text says what to do."""

    def __init__(self, text: str, code: int = WRONG_USE) -> None:
        super().__init__(text)
        self.code = code
