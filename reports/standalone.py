"""Pages about many runs: HTML that stands alone, loads nothing and runs nothing, as its policy says."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reports import words
from reports.text import clip, printable

_TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, **facts: Any) -> str:
    """The page that a template makes of these facts; whatever they hold is shown as text.

    Raises:
        jinja2.UndefinedError: the template asks for a fact that is not there.
    """
    return _environment().get_template(template).render(facts)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
    )
    style = (_TEMPLATES / "many.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals.update(
        style=Markup(style),  # noqa: S704  our own file
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        words=words,
        outcomes=words.OUTCOMES,
        verdicts=words.VERDICTS,
        clip=clip,
    )
    return environment
