"""What the commands read and write: files that are whole or not there, and complaints in one sentence."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ReportError(Exception):
    """Why a command cannot do its work, in one sentence that names the file."""


def put(text: str, path: Path | None) -> None:
    """Write a text as UTF-8, whole or not at all; to the standard output if there is no path.

    Raises:
        ReportError: the file cannot be written.
    """
    content = text.encode("utf-8")
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror or error}") from error
