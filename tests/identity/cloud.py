"""A real Keystone with a tenant of its own: who may restore, who may only look, and a catalogue with the service."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMIN_PASSWORD = "marked-admin-password-0123456789"
PASSWORDS = {"operator": "marked-password of the operator's", "reader": "marked-password of the reader's"}
DOMAIN = "tenant"
PROJECT = "backups"
SERVE = Path(__file__).with_name("serve.py")
CONFIGURATION = """
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.db
[fernet_tokens]
key_repository = {folder}/keys
[fernet_receipts]
key_repository = {folder}/keys
[token]
expiration = {expiration}
[cache]
enabled = true
backend = oslo_cache.dict
[identity]
password_hash_rounds = 4
"""


@dataclass
class Cloud:
    """Keystone, bootstrapped. ``url`` issues tokens for an hour; ``admin`` may do everything there."""

    folder: Path
    url: str
    admin: Session
    project_id: str = ""
    foreign_project_id: str = ""

    def settle(self) -> None:
        """Create the tenant: two projects, and two users that have one role each in the first."""
        domain = self.create("domain", name=DOMAIN)
        self.project_id = self.create("project", name=PROJECT, domain_id=domain)
        self.foreign_project_id = self.create("project", name="others", domain_id=domain)
        roles = {role["name"]: role["id"] for role in self.admin.get(f"{self.url}/roles").json()["roles"]}
        for name, role in (("operator", "member"), ("reader", "reader")):
            user = self.create("user", name=name, domain_id=domain, password=PASSWORDS[name])
            self.admin.put(f"{self.url}/projects/{self.project_id}/users/{user}/roles/{roles[role]}")

    def offer(self, endpoint: str) -> None:
        """Put the service at this endpoint into the catalogue, as operators do: with version and project behind it."""
        service = self.create("service", type="csbs", name="csbs")
        url = f"{endpoint}/v1/$(project_id)s"
        self.create("endpoint", service_id=service, interface="public", region_id="eu-test", url=url)

    def create(self, kind: str, **facts: Any) -> str:
        """The id of a new domain, project, user, service or endpoint."""
        return str(self.admin.post(f"{self.url}/{kind}s", json={kind: facts}).json()[kind]["id"])


@contextmanager
def cloud(folder: Path) -> Iterator[Cloud]:
    """A new Keystone in a folder, with its tenant."""
    (folder / "keys").mkdir(mode=0o700)
    configuration = configure(folder, "keystone.conf", 3600)
    manage(configuration, "db_sync")
    manage(configuration, "fernet_setup", "--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid()))
    manage(configuration, "bootstrap", "--bootstrap-region-id", "eu-test")
    with keystone(configuration) as url:
        made = Cloud(folder, url, Session(login(url, "admin", ADMIN_PASSWORD, "Default", "admin"), redirect=False))
        try:
            made.settle()
            yield made
        finally:
            made.admin.session.close()


@contextmanager
def short_lived(existing: Cloud, expiration: int) -> Iterator[str]:
    """The address of a second Keystone of the same cloud, whose tokens live so many seconds."""
    with keystone(configure(existing.folder, "short.conf", expiration)) as url:
        yield url


def login(url: str, name: str, password: str, domain: str, project: str) -> Password:
    """A login with everything that Keystone wants to know; the project is of the user's domain."""
    return Password(
        auth_url=url,
        username=name,
        password=password,
        user_domain_name=domain,
        project_name=project,
        project_domain_name=domain,
    )


def configure(folder: Path, name: str, expiration: int) -> Path:
    """A configuration file in the folder."""
    path = folder / name
    path.write_text(CONFIGURATION.format(folder=folder, expiration=expiration), encoding="utf-8")
    return path


def manage(configuration: Path, *arguments: str) -> None:
    """Run ``keystone-manage``."""
    command = [str(Path(sys.executable).with_name("keystone-manage")), "--config-file", str(configuration), *arguments]
    environment = {**os.environ, "OS_BOOTSTRAP_PASSWORD": ADMIN_PASSWORD}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def keystone(configuration: Path) -> Iterator[str]:
    """The address of a Keystone that serves for the length of a block."""
    log = configuration.with_suffix(".stderr")
    command = [sys.executable, str(SERVE), str(configuration)]
    with (
        log.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            assert line.startswith("listening at "), log.read_text(encoding="utf-8")
            yield line.removeprefix("listening at ").strip()
        finally:
            if process.stdin:
                process.stdin.close()
            process.terminate()
