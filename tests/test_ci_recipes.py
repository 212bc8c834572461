"""The recipes of ``docs/ci``: valid by the linters of their systems, and nights that end as they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from reports import ledger
from targets import profile
from targets.embedded import world
from targets.embedded.target import serve
from targets.exchange import Role
from tests.keystone import PASSWORD, fake_keystone
from tests.power import run as run_in_process
from tests.raw import answer, raw_server
from tests.starting import BYTECODE

if TYPE_CHECKING:
    from collections.abc import Callable

    Night = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parent.parent
CI = ROOT / "docs" / "ci"
GITHUB, GITLAB = CI / "github-nightly.yml", CI / "gitlab-nightly.yml"
SCHEMAS = {GITHUB: ["vendor.github-workflows"], GITLAB: ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]}
CRON = next(line for line in (CI / "crontab").read_text(encoding="utf-8").splitlines() if line.startswith("10 "))
TOKENS = {"CSBS_TOKEN": world.OPERATOR_TOKEN, "CSBS_READER_TOKEN": world.READ_ONLY_TOKEN}
PYTHON = '".tox/$TOX_ENVIRONMENT/bin/python"'


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def yaml(path: Path) -> Any:
    return YAML(typ="safe").load(text(path))


def steps() -> dict[str, Any]:
    """The steps of the workflow by name, or by the action that they use."""
    return {
        step.get("name") or step.get("uses") or step["run"]: step for step in yaml(GITHUB)["jobs"]["staging"]["steps"]
    }


JOB = yaml(GITLAB)["nightly conformance"]
RUN = steps()["Hold staging to the contract"]


def linted(*command: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def schema_checked(path: Path, schema: list[str]) -> subprocess.CompletedProcess[str]:
    return linted(sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, path)


def shell_checked(script: str, shell: str) -> subprocess.CompletedProcess[str]:
    return linted(Path(sys.executable).with_name("shellcheck"), f"--shell={shell}", "-", given=script)


# -- valid


@pytest.mark.parametrize("recipe", SCHEMAS, ids=lambda path: path.name)
def test_the_recipe_is_what_its_system_takes(recipe: Path) -> None:
    done = schema_checked(recipe, SCHEMAS[recipe])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("recipe", "old", "new"),
    [
        (GITHUB, "runs-on:", "run-on:"),
        (GITHUB, "      - uses: actions/checkout@v6", "      - use: actions/checkout@v6"),
        (GITHUB, "contents: read", "contents: look"),
        (GITLAB, "exit_codes: 6", "exit_codes: six"),
        (GITLAB, "when: always\n    expire_in", "when: ever\n    expire_in"),
        (GITLAB, "expire_in: 30 days", "expires_in: 30 days"),
    ],
)
def test_a_slip_in_the_recipe_is_found(tmp_path: Path, recipe: Path, old: str, new: str) -> None:
    assert old in text(recipe)
    broken = tmp_path / recipe.name
    broken.write_text(text(recipe).replace(old, new), encoding="utf-8")
    done = schema_checked(broken, SCHEMAS[recipe])
    assert done.returncode == 1, done.stdout


SCRIPTS = {
    "nightly.sh": (text(CI / "nightly.sh"), "sh"),
    "github": (RUN["run"], "bash"),
    "github-summary": (steps()["Summary"]["run"], "bash"),
    "gitlab": ("\n".join(JOB["script"]), "sh"),
    "gitlab-after": ("\n".join(JOB["after_script"]), "sh"),
    "cron": (CRON.split(None, 5)[5].replace(". /etc/csbs/nightly.env", "true"), "sh"),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_shell_of_the_recipe_is_sound(name: str) -> None:
    script, shell = SCRIPTS[name]
    done = shell_checked(script, shell)
    assert done.returncode == 0, done.stdout


def test_unsound_shell_is_found() -> None:
    assert "SC2086" in shell_checked(text(CI / "nightly.sh").replace('exit "$status"', "exit $status $1"), "sh").stdout


def test_the_recipes_run_every_night() -> None:
    assert re.fullmatch(r"\d+ \d+ \* \* \*", yaml(GITHUB)["on"]["schedule"][0]["cron"])
    assert JOB["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
    assert re.match(r"\d+ \d+ \* \* \* cd ", CRON)
    assert "%" not in CRON  # a line's end to cron


@pytest.mark.parametrize("recipe", [RUN["run"], "\n".join(JOB["script"]), CRON], ids=["github", "gitlab", "cron"])
def test_the_recipes_name_files_that_are_there(recipe: str) -> None:
    named = re.findall(r"docs/ci/[\w.-]+", recipe)
    assert {"docs/ci/nightly.sh", "docs/ci/staging.toml"} == set(named)
    assert all((ROOT / name).is_file() for name in named)


def test_the_reports_are_kept_and_the_tests_shown() -> None:
    reports = yaml(GITHUB)["env"]["REPORTS"]
    kept = steps()["actions/upload-artifact@v6"]
    assert (kept["if"], kept["with"]["path"]) == ("${{ always() }}", "${{ env.REPORTS }}")
    assert steps()["Clauses"]["with"]["report_paths"] == "${{ env.REPORTS }}/clauses.xml"
    findings = steps()["github/codeql-action/upload-sarif@v4"]["with"]["sarif_file"]
    assert findings == "${{ env.REPORTS }}/findings.sarif"
    assert f"{reports}/verdict.json" in steps()["Summary"]["if"]
    assert JOB["variables"]["REPORTS"] == reports == "reports/out"
    assert (JOB["artifacts"]["when"], JOB["artifacts"]["paths"]) == ("always", [f"{reports}/"])
    assert JOB["artifacts"]["reports"]["junit"] == f"{reports}/clauses.xml"


def test_the_verdict_is_kept_for_the_next_night_of_the_same_contract() -> None:
    restored, saved = steps()["actions/cache/restore@v5"]["with"], steps()["actions/cache/save@v5"]["with"]
    assert restored["key"] == saved["key"]
    assert restored["path"] == saved["path"] == "${{ env.BASELINE }}"
    assert saved["key"].startswith(restored["restore-keys"])
    assert "hashFiles('contracts/restores/tables.json')" in restored["restore-keys"]
    assert (ROOT / "contracts" / "restores" / "tables.json").is_file()
    cache, _ = JOB["cache"]
    assert cache["key"]["files"] == ["contracts/restores/tables.json"]
    assert cache["paths"] == [JOB["variables"]["BASELINE"]] == [yaml(GITHUB)["env"]["BASELINE"]]
    assert cache["when"] == "always"


def test_the_history_is_kept_whatever_the_contract() -> None:
    restored, saved = steps()["Take up the history"]["with"], steps()["Keep the history"]["with"]
    assert (restored["key"], restored["path"]) == (saved["key"], saved["path"])
    assert saved["key"].startswith(restored["restore-keys"])
    assert saved["path"] == "${{ env.HISTORY }}"
    _, cache = JOB["cache"]
    assert cache["key"] == "history"
    assert cache["paths"] == [JOB["variables"]["HISTORY"]] == [yaml(GITHUB)["env"]["HISTORY"]]


# -- the profile and its secrets


def test_the_profile_loads_where_its_secrets_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    target = profile.load(CI / "staging.toml")
    assert {role: token.value for role, token in target.tokens.items()} == {
        Role.OPERATOR: world.OPERATOR_TOKEN,
        Role.READ_ONLY: world.READ_ONLY_TOKEN,
    }
    assert not target.consent


@pytest.mark.parametrize("secret", TOKENS)
def test_the_profile_does_not_load_without_one_of_them(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value if name != secret else "")  # as GitHub gives a secret that is not there
    with pytest.raises(profile.ProfileError, match=f"{secret} is empty"):
        profile.load(CI / "staging.toml")


def test_the_consent_that_is_commented_out_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "staging.toml"
    before, _, after = text(CI / "staging.toml").partition("# [consent]")
    consent, _, rest = after.partition("\n\n")
    path.write_text(f"{before}[consent]" + re.sub(r"(?m)^# ?", "", consent) + f"\n{rest}", encoding="utf-8")
    target = profile.load(path)
    assert target.consent
    assert set(target.resources[0]) == set(world.RESOURCES[0])


def test_the_login_that_is_commented_out_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CSBS_READER_TOKEN", TOKENS["CSBS_READER_TOKEN"])
    monkeypatch.setenv("CSBS_PASSWORD", PASSWORD)
    path = tmp_path / "staging.toml"
    before, _, after = text(CI / "staging.toml").partition("# [credentials.operator.password]")
    table, _, rest = after.partition("\n\n")
    before = re.sub(r"\[credentials.operator\].*\ntoken_env = .*\n", "", before)
    with fake_keystone() as keystone:
        keystone.tokens["release-check"] = ["a-token-for-the-night"]
        keystone.project_id = "0123456789abcdef0123456789abcdef"
        table = table.replace("# ", "").replace("https://iam.staging.example/v3", keystone.url)
        path.write_text(f"{before}[credentials.operator.password]{table}\n{rest}", encoding="utf-8")
        assert profile.load(path).tokens[Role.OPERATOR].value == "a-token-for-the-night"


def test_secrets_come_from_the_store_and_reach_the_run_alone() -> None:
    named = set(re.findall(r'(?m)^\w+ = "(CSBS_\w+)"', text(CI / "staging.toml")))
    assert named == set(TOKENS)
    assert RUN["env"] == {name: f"${{{{ secrets.{name} }}}}" for name in named}
    assert text(GITHUB).count("secrets.") == len(named)
    assert all(name in text(GITLAB) for name in named)
    assert not named & set(JOB["variables"])


# -- nights


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """Runs a script of a recipe from the checkout, at smoke, with reports and baseline in ``tmp_path``."""
    fake = tmp_path / "bin" / "tox"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\n'
        f'exec "{sys.executable}" -m pytest suites -p no:cacheprovider "$@" --depth smoke\n',
        encoding="utf-8",
    )
    fake.chmod(0o755)
    environment = {
        **TOKENS,
        "PATH": f"{fake.parent}{os.pathsep}/usr/bin:/bin",
        **BYTECODE,
        "REPORTS": str(tmp_path / "out"),
        "BASELINE": str(tmp_path / "baseline.json"),
        "HISTORY": str(tmp_path / "history.sqlite"),
        "PYTHON": sys.executable,
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "CI_JOB_URL": "https://gitlab.example/job/1",
    }

    def run(script: str, endpoint: str = "", *, consent: bool = False, **more: str) -> subprocess.CompletedProcess[str]:
        written = tmp_path / "staging.toml"
        written.write_text(staging(endpoint, consent=consent), encoding="utf-8")
        script = script.replace("docs/ci/staging.toml", str(written)).replace(PYTHON, sys.executable)
        script = script.replace("annotations.txt", str(tmp_path / "annotations.txt"))
        script = script.replace("pip install", ": pip install")
        return subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=ROOT,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def staging(endpoint: str, *, consent: bool) -> str:
    """The profile of the recipes, with the names of the embedded service."""
    written = text(CI / "staging.toml").replace("https://csbs.staging.example", endpoint)
    written = written.replace("0123456789abcdef0123456789abcdef", world.PROJECT)
    written = written.replace("fedcba9876543210fedcba9876543210", world.FOREIGN_PROJECT)
    written = re.sub(r"requests_per_second = \d+", "requests_per_second = 10000", written)
    if consent:
        written += "[consent]\nrestore = true\naccepted_restores = 1000\n"
        for resource in world.RESOURCES:
            volumes = ", ".join(
                "{" + ", ".join(f'{key} = "{value}"' for key, value in volume.items()) + "}"
                for volume in resource["volumes"]
            )
            written += "[[resources]]\n" + "".join(
                f'{key} = "{value}"\n' for key, value in resource.items() if key != "volumes"
            )
            written += f"volumes = [{volumes}]\n"
    return written


def test_a_finding_is_red_for_one_night_and_its_mending_green(night: Night, tmp_path: Path) -> None:
    with serve(["provider-id-value-unchecked"]) as target:
        first = night(RUN["run"], target.endpoint, consent=True)
        second = night(RUN["run"], target.endpoint, consent=True)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "::error title=restores.t3.provider_id.value::accepted with 200" in first.stdout
    assert second.returncode == 0, second.stdout + second.stderr
    assert "::error" not in second.stdout
    assert "::warning title=restores.t3.provider_id.value (known)::accepted with 200" in second.stdout
    with serve() as target:
        third = night(RUN["run"], target.endpoint, consent=True)
    assert third.returncode == 0
    assert "fixed since the baseline: restores.t3.provider_id.value" in third.stdout
    summary = night(steps()["Summary"]["run"])
    assert summary.returncode == 0
    assert "**Fixed since the baseline:** `restores.t3.provider_id.value`" in text(tmp_path / "summary.md")
    assert all((tmp_path / "out" / name).is_file() for name in ("clauses.xml", "findings.sarif", "badge.svg"))
    assert "3 runs" in text(tmp_path / "out" / "trend.html")


def test_a_night_that_could_not_judge_is_red_and_what_the_profile_lacks_is_not(night: Night) -> None:
    with serve() as target:
        done = night(RUN["run"].replace("&& ! grep", "&& echo exit 6 && ! grep"), target.endpoint)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nexit 6\n" in done.stdout
    assert "not judged::needs consent and [[resources]] in the profile" in done.stdout
    body = b'{"error_code": "X.1", "error_msg": "no"}'
    with raw_server(answer("401 No", body, "Content-Type: application/json")) as server:
        done = night(RUN["run"], server.endpoint)
    assert done.returncode == 6, done.stdout + done.stderr
    assert re.search(r"::error title=\d+ clauses not judged::", done.stdout)


def test_what_was_judged_the_night_before_and_is_skipped_now_is_red(night: Night) -> None:
    with serve() as target:
        first = night(RUN["run"], target.endpoint, consent=True)
        second = night(RUN["run"], target.endpoint)
    assert first.returncode == 0, first.stdout + first.stderr
    assert second.returncode == 6, second.stdout + second.stderr
    assert "::error title=" in second.stdout


def test_a_run_without_a_verdict_leaves_the_baseline_as_it_was(night: Night, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    ledger.write(run_in_process(), baseline)
    kept = baseline.read_bytes()
    with raw_server(answer("200 OK")) as server:
        pass
    for more, complaint in (({"CSBS_TOKEN": ""}, "CSBS_TOKEN is empty"), ({}, "nobody answers")):
        done = night(RUN["run"], server.endpoint, **more)
        assert done.returncode == 4, done.stdout
        assert complaint in done.stderr
        assert baseline.read_bytes() == kept


def test_a_run_that_could_not_be_set_up_does_not_pass_for_yesterdays(night: Night, tmp_path: Path) -> None:
    ledger.write(run_in_process(), tmp_path / "out" / "verdict.json")
    (tmp_path / "bin" / "tox").write_text("#!/bin/sh\necho no network >&2\nexit 1\n", encoding="utf-8")
    (tmp_path / "baseline.json").write_text("kept", encoding="utf-8")
    done = night(RUN["run"])
    assert done.returncode == 1
    assert not (tmp_path / "out" / "verdict.json").exists()
    assert text(tmp_path / "baseline.json") == "kept"


def test_gitlab_shows_a_summary_and_links_the_report(night: Night, tmp_path: Path) -> None:
    with serve(["provider-id-value-unchecked"]) as target:
        done = night("\n".join(JOB["script"]), target.endpoint, consent=True)
    assert done.returncode == 1, done.stdout + done.stderr
    after = night("\n".join(JOB["after_script"]), REPORTS=str(tmp_path / "out"))
    assert after.returncode == 0, after.stderr
    assert "### Failing clauses" in after.stdout
    assert after.stdout == text(tmp_path / "out" / "summary.md")
    assert (tmp_path / "out" / "clauses.xml").is_file()
    links = YAML(typ="safe").load(text(tmp_path / "out" / "annotations.json"))
    assert links["conformance"][0]["external_link"]["url"].startswith("https://gitlab.example/job/1/artifacts/file/")
    assert JOB["allow_failure"] == {"exit_codes": 6}
