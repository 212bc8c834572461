"""Files of one JSON object a line, to which is appended: readable whatever moment their writer was killed at.

Each line leaves with one call of the system. A last line without its end was cut, and counts as not written.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


_ENCODER = json.JSONEncoder(separators=(",", ":"))
"""Made once: json.dumps makes one for each document."""


class LinesError(Exception):
    """A file that is not what it should be; the message says where."""


class Lines:
    """A file to append to, open until it is closed. Several processes may do so at once.

    A last line that was cut is taken away, unless somebody else may be writing it now: then ``alone`` is false.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path, *, alone: bool = True) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        if alone:
            _drop_cut_line(self._file)

    def append(self, document: Mapping[str, Any]) -> None:
        """Add a line."""
        os.write(self._file, _ENCODER.encode(document).encode() + b"\n")

    def close(self) -> None:
        """End the writing."""
        os.close(self._file)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file, in the order in which they were written; none where there is no file.

    Raises:
        LinesError: a line is no JSON object.
        OSError: the file cannot be read.
    """
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                document = json.loads(line)
            except ValueError:
                document = None
            if not isinstance(document, dict):
                raise LinesError(f"{path}: line {number} is no JSON object")
            yield document


def _drop_cut_line(file: int) -> None:
    """Cut the file behind its last whole line."""
    size = end = os.fstat(file).st_size
    while end and os.pread(file, 1, end - 1) != b"\n":
        end -= 1
    if end < size:
        os.ftruncate(file, end)
