"""Pages are read whole: every fact with its line, and an error for whatever has no place in the dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.model import Row, Side
from contracts.reading import PageError, read_error_codes, read_page

PAGES = Path(__file__).parent / "pages"
SMALL = (PAGES / "small.rst").read_text(encoding="utf-8")
RESTORES = (PAGES / "restores.rst").read_text(encoding="utf-8")
CODES = """\
Error Codes
===========

.. table:: **Table 1** Error code description

   =========== =========== ============= =========== ========
   Error Code  Status Code Error Message Description Solution
   =========== =========== ============= =========== ========
   Bell.1      400         Cracked       It is so    Mend it
   Bell.2      404         Gone          Not there   Look
   Bell.1      403         Not yours     Ask         Ask
   =========== =========== ============= =========== ========
"""


def line_of(text: str, part: str) -> int:
    """The line, from 1, of the only place where ``part`` begins."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_heading_uri_and_statuses() -> None:
    page = read_page(SMALL, "small.rst")
    assert (page.title, page.method, page.path) == ("Ringing a Bell", "POST", "/v2/{project_id}/bells")
    assert (page.success, page.failure) == ((200,), (400, 503))


def test_columns_are_told_by_their_names() -> None:
    page = read_page(SMALL, "small.rst")
    rows = page.tables[1].rows
    assert [(row.name, row.type, row.mandatory) for row in rows] == [
        ("strokes", "Integer", True),
        ("ringers", "List<Ringer>", False),
        ("tone", "String", True),
    ]
    assert [table.side for table in page.tables] == [Side.PATH, Side.REQUEST, Side.REQUEST, Side.RESPONSE]
    assert [table.subject for table in page.tables] == ["", "", "Ringer", ""]


def test_a_table_without_the_mandatory_column_leaves_it_open() -> None:
    page = read_page(SMALL, "small.rst")
    assert page.tables[3].rows[0] == Row("id", "String", line=line_of(SMALL, "id        String"))


def test_a_response_table_may_have_the_mandatory_column() -> None:
    text = SMALL
    for old, new in (
        (
            "      ========= ======= ===========\n      Parameter Type    Description\n",
            "M\n      Parameter Type    Description\n",
        ),
        ("Parameter Type    Description", "Parameter Type    Mandatory   Description"),
        ("String  The ring", "String  Yes         The ring"),
        ("Integer As asked", "Integer No          As asked"),
        ("Boolean Whether heard", "Boolean Yes         Heard"),
        ("Dict    What else", "Dict    Yes         Else"),
    ):
        text = edited(text, old, new)
    bar = "      ========= ======= =========== ==========="
    text = text.replace("M\n", bar + "\n").replace("      ========= ======= ===========\n", bar + "\n")
    assert [row.mandatory for row in read_page(text, "small.rst").tables[3].rows] == [True, False, True, True]


def test_a_fixed_value_is_told_from_a_default() -> None:
    page = read_page(SMALL, "small.rst")
    assert {row.name: row.fixed for row in page.tables[1].rows} == {"strokes": None, "ringers": None, "tone": "c-sharp"}


@pytest.mark.parametrize("name", ["small.rst", "restores.rst"])
def test_lines_of_tables_and_rows_are_those_of_the_page(name: str) -> None:
    text = (PAGES / name).read_text(encoding="utf-8")
    lines = text.split("\n")
    page = read_page(text, name)
    for table in page.tables:
        assert lines[table.line - 1].strip().startswith(f".. table:: **Table {table.number}**")
        for row in table.rows:
            assert row.name in lines[row.line - 1]
            assert row.type in lines[row.line - 1]
            assert row.line > table.line


def test_lines_of_rows_one_by_one() -> None:
    page = read_page(SMALL, "small.rst")
    lines = {row.name: row.line for table in page.tables[1:3] for row in table.rows}
    assert lines == {
        "strokes": line_of(SMALL, "| Yes       | Integer"),
        "ringers": line_of(SMALL, "| No        | List<Ringer>"),
        "tone": line_of(SMALL, "| Yes       | String "),
        "ringer_id": line_of(SMALL, "ringer_id String"),
        "moods": line_of(SMALL, "moods     List<String>"),
    }


def test_the_request_line_stands_apart_from_the_example() -> None:
    page = read_page(SMALL, "small.rst")
    assert page.request_lines == ("POST /v2/9f3c/bells",)
    assert page.request_examples == ('{\n  "strokes": 3,\n  "tone": "c-sharp"\n}',)
    assert page.response_examples == ('{"id": "r1", "strokes": 3, "loud": true, "notes": {}}',)


def test_a_page_may_do_without_examples() -> None:
    start, end = SMALL.index("-  Example request"), SMALL.index("Response\n--------")
    page = read_page(SMALL[:start] + SMALL[end:], "small.rst")
    assert (page.request_lines, page.request_examples) == ((), ())


def test_a_request_example_may_have_no_body() -> None:
    body = '      {\n        "strokes": 3,\n        "tone": "c-sharp"\n      }\n'
    page = read_page(edited(SMALL, body, ""), "small.rst")
    assert (page.request_lines, page.request_examples) == (("POST /v2/9f3c/bells",), ())


def test_the_rest_of_a_long_page_is_read_too() -> None:
    page = read_page(RESTORES, "restores.rst")
    assert [table.number for table in page.tables] == list(range(1, 12))
    fixed = [(table.number, row.name) for table in page.tables for row in table.rows if row.fixed]
    assert fixed == [(3, "provider_id"), (8, "provider_id")]


# Each edit of the small page, where it is told (a piece of the edited line), and a word of the message.
UNREADABLE = {
    "unknown column": (
        "      Parameter Type    Description",
        "      Parameter Kind    Description",
        "Parameter Kind",
        "'Kind'",
    ),
    "column twice": (
        "      Parameter Type    Description",
        "      Parameter Type    Type       ",
        "Type    Type",
        "'Type'",
    ),
    "column missing": (
        "      Parameter Type         Mandatory D",
        "      Parameter Type         Type      D",
        "Type      D",
        "Type",
    ),
    "no caption": (
        ".. table:: **Table 4** Parameter description",
        ".. table::",
        "Parameter Type    Description",
        "without caption",
    ),
    "another caption": ("**Table 4** Parameter description", "**Table 4** Parameters", "**Table 4** P", "caption"),
    "caption of another field": (
        "**Table 3** Parameter description of field **Ringer**",
        "**Table 3** Parameter description of field **Bell**",
        "**Table 3**",
        "Ringer",
    ),
    "unnumbered caption": ("**Table 4** Parameter description", "Parameter description again", "again", "**Table N**"),
    "no URI": (
        "   POST https://{endpoint}/v2/{project_id}/bells\n\n-  P",
        "   to be told\n\n-  P",
        "to be told",
        "METHOD https",
    ),
    "mandatory neither": ("ringer_id String       Yes", "ringer_id String       yes", "ringer_id", "Yes or No"),
    "mandatory empty": ("ringer_id String       Yes", "ringer_id String          ", "ringer_id", "Yes or No"),
    "row twice": ("moods     List<String>", "ringer_id List<String>", "ringer_id List", "again"),
    "number twice": ("**Table 4** P", "**Table 2** P", None, "Table 2 again"),
    "status twice": ("503         Out", "400         Out", "400         Out", "400 again"),
    "status twice over both": ("503         Out", "200         Out", "200         Out", "200 again"),
    "status no number": ("503         Out", "5xx         Out", "5xx", "three digits"),
    "type empty": ("moods     List<String> No", "moods                  No", "moods", "type for 'moods'"),
    "name odd": ("      moods     List", "      m:od      List", "m:od", "name of a parameter"),
    "fixed without value": ("value is **c-sharp**.", "value is c-sharp.    ", "| Yes       | String ", "fixed value"),
    "row for no path parameter": ("String project_id Yes", "String tower_id   Yes", "tower_id", "/v2/"),
    "path parameter without row": (
        "/{project_id}/bells\n\n-  P",
        "/{project_id}/bells/{bell_id}\n\n-  P",
        None,
        "bell_id",
    ),
    "unknown section": ("Function\n--------", "Purpose!\n--------", "Purpose!", "'Purpose!'"),
    "unknown part": ("-  Example response", "-  Sample response", "-  Sample", "'Sample response'"),
    "part twice": ("-  Abnormal", "-  Normal", None, "again"),
    "text beside the table": (
        "   .. table:: **Table 4**",
        "   Beware.\n\n   .. table:: **Table 4**",
        "Beware",
        "Beware",
    ),
    "note beside the table": (
        "   .. table:: **Table 4**",
        "   .. note:: Beware\n\n   .. table:: **Table 4**",
        ".. note",
        "note",
    ),
    "text beside the parts": ("Response\n--------\n", "Response\n--------\n\nBeware.\n", "Beware", "labelled parts"),
    "table in the function": ("Rings one bell of", "== ==\nab cd\n== ==\n1  2\n== ==\n\nBell", "ab cd", "grid"),
    "example without request line": ("      POST https://{endpoint}/v2/9f3c/bells\n", "", None, "METHOD"),
    "unknown directive": ('.. code-block::\n\n      {"id"', '.. kode-block::\n\n      {"id"', "kode", "kode-block"),
    "include": ("Rings one bell of", ".. include:: small.rst\n\nBell", "include", "include"),
    "short underline": ("Function\n--------", "Function\n-----", None, "underline"),
}


@pytest.mark.parametrize(("old", "new", "at", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_told_with_its_line(old: str, new: str, at: str | None, says: str) -> None:
    text = edited(SMALL, old, new)
    with pytest.raises(PageError) as caught:
        read_page(text, "small.rst")
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"small.rst:{caught.value.line}: expected ")
    assert ", found " in str(caught.value)
    if at:
        assert caught.value.line == line_of(text, at)


@pytest.mark.parametrize("title", ["Function", "URI", "Request", "Status Codes"])
def test_a_missing_section_is_told_at_the_end(title: str) -> None:
    start = SMALL.index(f"{title}\n---")
    ends = [SMALL.find(f"{other}\n---", start + 1) for other in ("URI", "Request", "Response", "Status Codes")]
    text = SMALL[:start] + SMALL[min([end for end in ends if end > 0], default=len(SMALL)) :]
    with pytest.raises(PageError, match=f"expected a section '{title}'") as caught:
        read_page(text, "small.rst")
    assert caught.value.line == text.count("\n") + 1


def test_a_cell_over_two_columns_is_refused() -> None:
    page = edited(SMALL, "| Yes       | Integer       | strokes   |", "| Yes         Integer       | strokes   |")
    empty = "      |           |               |           |"
    for below in ("                            |", " Not at all, if 0           |"):
        page = edited(page, empty + below, "      |                           |           |" + below)
    with pytest.raises(PageError, match="spans several") as caught:
        read_page(page, "small.rst")
    assert caught.value.line == line_of(page, "| Yes         Integer")


def test_a_page_without_heading_is_refused() -> None:
    with pytest.raises(PageError, match=r"^x\.rst:1: expected one heading"):
        read_page("", "x.rst")


def test_error_codes_keep_every_status_in_order() -> None:
    assert read_error_codes(CODES, "codes.rst") == {"Bell.1": (400, 403), "Bell.2": (404,)}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Bell.2      404", "Bell.2      4o4", "three digits"),
        ("Bell.2      404", "Bell-2      404", "error code such as"),
        ("Bell.1      403         Not", "Bell.1      400         Not", "Bell.1 under 400 again"),
        ("Error Code  Status Code", "Error Code  State      ", "'State'"),
    ],
)
def test_error_codes_that_cannot_be_read(old: str, new: str, says: str) -> None:
    text = edited(CODES, old, new)
    with pytest.raises(PageError) as caught:
        read_error_codes(text, "codes.rst")
    assert says in str(caught.value)
    assert caught.value.line == line_of(text, new)


def test_error_codes_need_their_table() -> None:
    with pytest.raises(PageError, match="one table of error codes, found 0 tables"):
        read_error_codes("Error Codes\n===========\n\nNone.\n", "codes.rst")
