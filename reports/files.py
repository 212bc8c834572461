"""What the commands write: files that are whole or not there, and complaints in one sentence."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ReportError(Exception):
    """Why a command cannot do its work, in one sentence that names the file."""


@contextmanager
def writing(path: Path | None) -> Iterator[IO[str]]:
    """A text to be written as UTF-8: to a file that is there once all is well, or to the standard output.

    Raises:
        ReportError: the file cannot be written.
    """
    if path is None:
        text = io.StringIO()
        yield text
        _say(text.getvalue().encode("utf-8"))
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink()


def _say(content: bytes) -> None:
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain of the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise ReportError(f"the standard output cannot be written: {error.strerror or error}") from error


def put(text: str, path: Path | None) -> None:
    """Write a text that is there already; see :func:`writing`."""
    with writing(path) as file:
        file.write(text)
