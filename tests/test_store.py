"""A contract's folder is read whole or not at all, and what is wrong with it is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from contracts import ContractError, load, operations, store

FOLDER = store.ROOT / "restores"


def test_operations_are_the_folders_with_facts(tmp_path: Path) -> None:
    assert "restores" in operations()
    for name in ("b", "a", "c"):
        (tmp_path / name).mkdir()
    for name in ("b", "a"):
        (tmp_path / name / store.FACTS).write_text("{}", encoding="utf-8")
    assert operations(tmp_path) == ("a", "b")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "restores")
    shutil.copy(store.ROOT / store.CODES, tmp_path)
    return tmp_path


def test_a_copy_loads_alike(root: Path) -> None:
    assert vars(load("restores", root)) == vars(load())


@pytest.mark.parametrize("name", ["other", "", "..", "../restores"])
def test_an_unknown_operation_is_told(name: str, root: Path) -> None:
    with pytest.raises(ContractError, match=r"no contract of this name \(there are: restores\)"):
        load(name, root)


@pytest.mark.parametrize(
    "name", ["request.schema.json", "response.schema.json", "error.schema.json", "readings.toml", "../error_codes.json"]
)
def test_a_missing_file_is_named(name: str, root: Path) -> None:
    (root / "restores" / name).unlink()
    with pytest.raises(ContractError, match=Path(name).name):
        load("restores", root)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("tables.json", '"method": "POST",', "", "'method' is missing"),
        ("tables.json", '"title"', "title", "not JSON"),
        ("tables.json", '"side": "path"', '"side": "left"', "left"),
        ("tables.json", '"name": "restore",', '"nom": "restore",', "nom"),
        ("tables.json", '"List<restore_volume_mapping>"', '"List<nothing>"', "unknown type"),
        ("tables.json", "[200]", "200", "tables.json"),
        ("readings.toml", "CSBS.6015", "CSBS.0000", "CSBS.0000 is not among the error codes"),
        ("readings.toml", "CSBS.6017", "CSBS.0000", "CSBS.0000 is not among the error codes"),
        ("readings.toml", "[codes]", "[code]", "unknown key code"),
        ("error.schema.json", "{", "[", "error.schema.json: not JSON"),
        ("../error_codes.json", "[404]", "404", "error_codes.json: .*: expected a list of statuses"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(name: str, old: str, new: str, says: str, root: Path) -> None:
    path = root / "restores" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=says) as caught:
        load("restores", root)
    assert path.name in str(caught.value)


def test_a_file_in_another_encoding_is_named(root: Path) -> None:
    (root / "restores" / "readings.toml").write_bytes(b"# \xff")
    with pytest.raises(ContractError, match=r"readings\.toml: not UTF-8 at byte 2"):
        load("restores", root)


def test_a_schema_that_is_no_object_is_named(root: Path) -> None:
    (root / "restores" / "error.schema.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ContractError, match=r"error\.schema\.json: expected a JSON object"):
        load("restores", root)
