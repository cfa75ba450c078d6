"""docker-compose.yml, Dockerfile and Caddyfile against the code: what they name exists, and what they promise holds."""

import ast
import ipaddress
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any  # the files are data of any shape

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from livecaller.embedded import up
from tests.servers import ROOT

OPTIONAL = {"LIVECALLER_CLAMAV"}
PRODUCT = ("web", "worker", "beat", "migrate")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CADDYFILE = (ROOT / "docs" / "deploy" / "Caddyfile").read_text()
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / "docs" / "deploy" / "environment.example").read_text().splitlines()
    if line and not line.startswith("#")
)


def variables_read(*files: str) -> set[str]:
    """Return the names that the code asks of the environment through livecaller.env."""
    names = set()
    for file in files:
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                owner, first = node.func.value, node.args[0]
                if isinstance(owner, ast.Name) and owner.id == "env" and isinstance(first, ast.Constant):
                    names.add(str(first.value))
    return names


def environment_of(service: str) -> dict[str, str]:
    """Return the service's environment as the engine would fill it in from a completed example."""
    filled = {name: value or ("" if name in OPTIONAL else secrets.token_hex(32)) for name, value in EXAMPLE.items()}
    return {
        name: re.sub(r"\$\{(\w+)(?::\?|-)\}", lambda found: filled[found[1]], value)
        for name, value in SERVICES[service]["environment"].items()
    }


def check(environment: dict[str, str], data: Path) -> "subprocess.CompletedProcess[str]":
    """Let Django judge the settings of production, as it would in the container."""
    own = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**own, **environment, "LIVECALLER_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_services_are_the_processes_of_the_product() -> None:
    assert set(SERVICES) == {*PRODUCT, "postgres", "valkey", "proxy", "clamav"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["clamav"]


def test_only_the_proxy_publishes_ports() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy": ["80:80", "443:443", "443:443/udp"]}
    assert not any("network_mode" in service for service in SERVICES.values())


def test_database_and_valkey_have_no_way_out() -> None:
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert not any("inside" in SERVICES[name]["networks"] for name in ("proxy", "clamav"))


@pytest.mark.parametrize("service", PRODUCT)
def test_environment_names_what_the_code_reads(service: str) -> None:
    read = variables_read("livecaller/settings.py", "livecaller/core/management/commands/create_roles.py")
    assert {"LIVECALLER_SITE_URL", "DATABASE_ADMIN_URL"} <= read
    assert set(SERVICES[service]["environment"]) <= read
    assert "LIVECALLER_DEBUG" not in SERVICES[service]["environment"]


def test_every_variable_is_required_and_explained() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\$\{(\w+)", text))
    assert set(re.findall(r"\$\{(\w+):\?\}", text)) == named - OPTIONAL
    assert set(re.findall(r"\$\{(\w+)-\}", text)) == OPTIONAL
    assert set(EXAMPLE) == named
    assert [name for name, value in EXAMPLE.items() if not value] == [
        "LIVECALLER_SECRET_KEY",
        "SEALING_KEY",
        "LIVECALLER_METRICS_TOKEN",
        "POSTGRES_PASSWORD",
        "OWNER_PASSWORD",
        "APP_PASSWORD",
        "VALKEY_PASSWORD",
        "LIVECALLER_CLAMAV",
    ]


@pytest.mark.parametrize("service", PRODUCT)
def test_settings_accept_the_environment_of_each_service(service: str, tmp_path: Path) -> None:
    result = check(environment_of(service), tmp_path)
    assert result.returncode == 0, result.stderr


def test_settings_refuse_a_missing_variable_with_its_name(tmp_path: Path) -> None:
    complete = environment_of("web")
    may_be_missing = {
        *OPTIONAL,
        "LIVECALLER_DATA",
        "LIVECALLER_METRICS_TOKEN",
        "LIVECALLER_SEALING_KEY",
        "DATABASE_URL",
    }
    for name in set(complete) - may_be_missing:
        result = check({key: value for key, value in complete.items() if key != name}, tmp_path)
        assert result.returncode == 1, name
        assert result.stderr.startswith(f"LiveCaller cannot start: {name} is not set."), result.stderr


def test_only_the_one_off_service_knows_owner_and_superuser() -> None:
    for name in ("web", "worker", "beat"):
        assert not {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"} & set(SERVICES[name]["environment"])
    assert "livecaller_app:" in environment_of("web")["DATABASE_URL"]
    assert "livecaller_owner:" in environment_of("migrate")["DATABASE_OWNER_URL"]


def test_commands_are_those_of_the_one_machine_start(tmp_path: Path) -> None:
    here = {program.name: set(program.command[1:]) - {"-m"} for program in up.processes(tmp_path)}
    for name, places in {
        "web": ("--host=", "--port=", "--trusted-proxy="),
        "worker": (),
        "beat": ("--schedule=",),
    }.items():
        there = set(SERVICES[name]["command"]) - {"python"}
        assert {word for word in there if not word.startswith(places or "\0")} == {
            word for word in here[name] if not word.startswith(places or "\0")
        }
    assert set(re.findall(r"manage\.py (\w+)", " ".join(SERVICES["migrate"]["command"]))) <= set(get_commands())


def test_image_starts_the_web_process_like_the_service() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    default = re.findall(r'"([^"]+)"', dockerfile[dockerfile.index("\nCMD ") :])
    joined = " ".join(default).replace(" ", "=")
    for word in SERVICES["web"]["command"]:
        if not word.startswith("--trusted-proxy="):
            assert word in joined


def test_only_the_proxys_word_about_visitors_is_believed() -> None:
    proxy = SERVICES["proxy"]["networks"]["edge"]["ipv4_address"]
    assert f"--trusted-proxy={proxy}" in SERVICES["web"]["command"]
    subnet = ipaddress.ip_network(COMPOSE["networks"]["edge"]["ipam"]["config"][0]["subnet"])
    assert ipaddress.ip_address(proxy) in subnet
    assert [name for name, service in SERVICES.items() if "edge" in service["networks"]] == ["web", "proxy"]


def test_proxy_serves_the_three_addresses_with_tls_and_hsts() -> None:
    hosts = {"LIVECALLER_SITE_URL", "LIVECALLER_WIDGET_URL", "LIVECALLER_FILES_URL"}
    assert set(re.findall(r"\{\$(\w+)\}", CADDYFILE)) == hosts == set(SERVICES["proxy"]["environment"])
    assert all(EXAMPLE[name].startswith("https://") for name in hosts)
    seconds = re.search(r'Strict-Transport-Security "max-age=(\d+); includeSubDomains', CADDYFILE)
    assert seconds is not None
    assert int(seconds[1]) >= 365 * 24 * 3600
    port = next(word.split("=")[1] for word in SERVICES["web"]["command"] if word.startswith("--port="))
    assert f"reverse_proxy web:{port}" in CADDYFILE
    megabytes = re.search(r"max_size (\d+)MB", CADDYFILE)
    assert megabytes is not None
    assert settings.ATTACHMENT_MAX_BYTES < int(megabytes[1]) * 1_000_000 < 2 * settings.ATTACHMENT_MAX_BYTES


def test_proxys_log_names_nobody() -> None:
    for field in ("request>remote_ip", "request>client_ip", "request>uri", "request>headers"):
        assert f"{field} delete" in CADDYFILE
    site = CADDYFILE[CADDYFILE.index("{$LIVECALLER_SITE_URL}") :]
    assert "log" not in re.findall(r"^\t(\w+)", site, re.MULTILINE)


@pytest.mark.parametrize("service", [*PRODUCT, "proxy"])
def test_containers_may_do_little(service: str) -> None:
    assert SERVICES[service]["read_only"] is True
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_every_volume_and_network_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()


def test_image_runs_without_root_node_and_tests() -> None:
    build, run = re.split(r"\nFROM ", (ROOT / "Dockerfile").read_text())[1:]
    user = re.search(r"^USER (\d+):(\d+)$", run, re.MULTILINE)
    assert user is not None
    assert min(int(user[1]), int(user[2])) > 0
    for word in ("npm", "node", "apt-get", "bootstrap"):
        assert word not in run
    assert "COPY tests" not in build
    assert "--no-default-groups" in build


def test_image_is_built_from_what_there_is() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert [source for source in copied if not (ROOT / source).exists()] == []
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {source.split("/")[0] for source in copied} == sent
    own = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert own <= copied
