"""What pytest-html's page lacks: a policy against foreign content, our style, and what a screen reader needs.

Plain replacements suffice, since no text of a run can look like the page's own tags: all of it is escaped.
"""

from __future__ import annotations

import re

from reports import page

_HEAD = re.compile(r"<head>\s*<meta charset=\"?utf-8\"?\s*/?>", re.IGNORECASE)
_SCRIPT, _END = "<script>", "</script>"
_REPLACED = (
    ("<html>", '<html lang="en">'),
    ("<body>", "<body><main>"),
    ("<footer>", "</main><footer>"),
    (' onclick="location.reload()"', ""),  # which the policy forbids, and a finished run has no use for
)
_FILTER = re.compile(r'data-test-result="(\w+)"')


class PageError(Exception):
    """Pytest-html's page is not made as we know it, so that it cannot be made safe."""


def dress(text: str) -> str:
    """The page that pytest-html has written, whole, with what it lacks.

    Raises:
        PageError: it has no head to put a policy in, or another script than the one at its end.
    """
    start, end = text.rfind(_SCRIPT), text.rfind(_END)
    if text.count(_SCRIPT) != 1 or end < start:
        raise PageError("the page of pytest-html does not have its one script")
    script = text[start + len(_SCRIPT) : end]
    text, found = _HEAD.subn(lambda head: f"{head[0]}{page.metas(script)}", text, count=1)
    if not found or "</head>" not in text:
        raise PageError("the page of pytest-html does not begin with a head that names its charset")
    text = text.replace("</head>", f"{page.style()}</head>", 1)
    for old, new in _REPLACED:
        text = text.replace(old, new, 1)
    return _FILTER.sub(r'\g<0> aria-label="show tests that are \1"', text)
