"""What every page of ours is made with: escaping templates, one style, and a policy that lets nothing be loaded.

A page is one file: no script but those named by their hash, nothing from elsewhere, nothing sent anywhere.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

import jinja2
from markupsafe import Markup

from reports import words
from reports.text import clip, printable

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> jinja2.Environment:
    """The templates of ``reports/templates``: all that is put into one is escaped, and unseen characters are spelt out.

    ``signs.html.j2`` has the macros that show an outcome.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=words, outcomes=words.OUTCOMES, verdicts=words.VERDICTS, clip=clip)
    return environment


def policy(*scripts: str) -> str:
    """The Content-Security-Policy (level 3) of a page that runs these scripts, given as they stand between their tags.

    Styles stand in the page itself, and a picture may too (the icon); nothing else is let in, and nothing out.
    """
    hashes = " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def metas(*scripts: str) -> Markup:
    """What stands first in the head of a page, right behind its charset: the policy, before anything that it governs.

    The empty icon keeps a browser from asking the server for one.
    """
    return Markup(
        '<meta http-equiv="Content-Security-Policy" content="{}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
    ).format(policy(*scripts))


@cache
def stylesheet(name: str) -> Markup:
    """The colours of every page, for light and dark, and a stylesheet of ``reports/templates`` that uses them."""
    files = (_TEMPLATES / "colours.css", _TEMPLATES / name)
    return Markup("".join(file.read_text(encoding="utf-8") for file in files))  # noqa: S704  our own files


def style() -> Markup:
    """The style element of the report of one run."""
    return Markup("<style>{}</style>").format(stylesheet("style.css"))
