"""Pages about many runs: HTML that stands alone, loads nothing and runs nothing, as its policy says."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from reports import page as common


def page(template: str, **facts: Any) -> str:
    """The page, or picture, that a template makes of these facts; whatever they hold is shown as text.

    Raises:
        jinja2.UndefinedError: the template asks for a fact that is not there.
    """
    style = common.stylesheet("many.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return common.environment().get_template(template).render(facts, style=style, policy=policy)
