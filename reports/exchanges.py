"""What the journal beside a verdict tells: the exchanges, and how long those of each clause took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.files import ReportError
from targets.journal import JOURNAL
from targets.lines import LinesError, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


def exchanges(verdict: Path) -> Iterator[dict[str, Any]]:
    """The exchanges of the run that left this verdict, as its journal has them, in the order of their answers.

    A request that left and of which nothing more was written down comes last, with ``seconds`` None. There is nothing
    where there is no journal.

    Raises:
        ReportError: the file cannot be read, or is no journal.
    """
    path = verdict.with_name(JOURNAL)
    left: dict[int, dict[str, Any]] = {}
    try:
        for entry in read(path):
            if not _is_whole(entry):
                raise ReportError(f"{path}: an entry is not as a run writes it: a value is of another type")
            if entry["seconds"] is None:
                left[entry["number"]] = entry
            else:
                left.pop(entry["number"], None)
                yield entry
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror or error}") from error
    except LinesError as error:
        raise ReportError(str(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ReportError(f"{path}: an entry is not as a run writes it ({type(error).__name__}: {error})") from error
    yield from left.values()


def _is_whole(entry: Mapping[str, Any]) -> bool:
    """Whether all that a reader takes from an entry is of its type; KeyError, TypeError or ValueError say so too."""
    seconds, response = entry["seconds"], entry["response"]
    texts = [entry["case"], entry["started"], entry["why"], *_texts(entry["request"], "method", "url")]
    if response is not None:
        texts += _texts(response)
    return (
        isinstance(entry["number"], int)
        and (seconds is None or isinstance(seconds, (int, float)))
        and (response is None or isinstance(response["status"], int))
        and all(isinstance(text, str) for text in texts)
    )


def _texts(message: Mapping[str, Any], *more: str) -> list[Any]:
    headers = [text for name, value in message["headers"] for text in (name, value)]
    return [*headers, message["body"], *(message[name] for name in more)]


def spent(verdict: Path, clauses: Collection[str]) -> dict[str, float]:
    """Seconds that the cases of each clause took, without their controls; clauses without a case are not in it.

    Raises:
        ReportError: the journal cannot be read.
    """
    seconds: dict[str, float] = {}
    for entry in exchanges(verdict):
        clause = entry["case"]
        while clause not in clauses and "-" in clause:
            clause = clause.rpartition("-")[0]
        if clause in clauses:
            seconds[clause] = seconds.get(clause, 0.0) + (entry["seconds"] or 0.0)
    return seconds
