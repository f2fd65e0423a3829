"""deploy/ starts the stack that script/stack starts: pinned, on this machine only, same settings."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).resolve().parents[2]
LIVE = REPO / "script" / "live"

# Text stays text, as in the shell and in Docker.
COMPOSE = yaml.load((REPO / "deploy/compose.yaml").read_text(), Loader=yaml.BaseLoader)
SERVICES = COMPOSE["services"]
DOCKERFILE = (REPO / "deploy/Dockerfile").read_text()
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)


def properties(text):
    lines = [line.partition("#")[0] for line in text.splitlines()]
    pairs = [line.partition("=") for line in lines if "=" in line]
    return {key.strip(): value.strip() for key, _, value in pairs}


def stage_text(name):
    return re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.M | re.S).group(1)


@pytest.mark.parametrize("image", [service["image"] for service in SERVICES.values()] +
                         [image for image, _ in STAGES])
def test_images_are_pinned_and_name_no_registry(image):
    name, _, tag = image.partition(":")
    assert re.match(r"\d+\.\d+", tag), f"{image}: wants an exact version"
    assert "." not in name.split("/")[0]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_this_machine_only(name):
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_tells_its_health_or_ends(name):
    service = SERVICES[name]
    assert "test" in service.get("healthcheck", {}) or service.get("restart") == "no"


def test_a_service_waits_for_what_it_needs():
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            ends = SERVICES[other].get("restart") == "no"
            wanted = "service_completed_successfully" if ends else "service_healthy"
            assert how == {"condition": wanted}


def test_what_is_built_is_a_stage_of_the_dockerfile():
    stages = {name for _, name in STAGES}
    builds = [service["build"] for service in SERVICES.values() if "build" in service]
    assert builds
    for build in builds:
        assert build["target"] in stages
        assert (REPO / "deploy" / build["context"] / build["dockerfile"]).is_file()


def test_images_start_from_debian_12_and_run_without_root():
    assert all(image.startswith("debian:12.") for image, _ in STAGES)
    for name in {service["build"]["target"] for service in SERVICES.values() if "build" in service}:
        users = re.findall(r"^USER (\S+)$", stage_text(name), re.MULTILINE)
        assert users and users[-1] not in {"root", "0"}


def test_what_is_copied_into_an_image_is_there():
    for source in re.findall(r"^COPY ((?!--from)\S+) ", DOCKERFILE, re.MULTILINE):
        assert (REPO / source).exists()


def test_the_version_of_the_program_is_the_projects():
    version = re.search(r"project\(cdclake VERSION (\S+)", (REPO / "CMakeLists.txt").read_text())
    assert SERVICES["cdclake"]["image"] == f"cdclake:{version.group(1)}"


def test_postgresql_has_the_settings_and_the_version_of_the_stack():
    command = SERVICES["postgres"]["command"]
    assert command[0] == "postgres" and set(command[1::2]) == {"-c"}
    given = properties("\n".join(command[2::2]))
    assert given == properties((LIVE / "postgresql.conf").read_text())
    folder = re.search(r"postgresql/(\d+)/bin", (LIVE / "prepare.sh").read_text())
    assert SERVICES["postgres"]["image"].split(":")[1].split(".")[0] == folder.group(1)


def test_kafka_has_the_version_of_the_stack():
    version = re.search(r"<kafka.version>(.*)</kafka.version>", (LIVE / "pom.xml").read_text())
    for name in ("kafka", "connect", "connector"):
        assert SERVICES[name]["image"] == f"cdclake-live:{version.group(1)}"


@pytest.mark.parametrize("template", ["broker.properties.in", "worker.properties.in"])
def test_container_and_script_fill_every_blank_of_a_template(template):
    blanks = set(re.findall(r"@([A-Z_]+)@", (LIVE / template).read_text()))
    assert blanks
    for script in (LIVE / "servers.sh", REPO / "deploy/live_server.sh"):
        call = re.search(rf"fill_template \"\$live/{re.escape(template)}\"(.*?)>", script.read_text(),
                         re.DOTALL)
        assert set(re.findall(r'"([A-Z_]+)=', call.group(1))) == blanks, script


def test_heaps_are_those_of_the_stack():
    servers = (LIVE / "servers.sh").read_text()
    for name in ("kafka", "connect"):
        heap = re.search(rf"STACK_{name.upper()}_HEAP:-(\w+)", servers).group(1)
        assert SERVICES[name]["environment"]["HEAP"] == heap


def test_the_program_reads_what_the_connector_writes():
    command = SERVICES["connector"]["command"]
    options = dict(zip(command[2::2], command[3::2]))
    topics = [f"{options['--prefix']}.{table}" for table in options["--tables"].split(",")]
    program = SERVICES["cdclake"]["environment"]
    assert program["TOPICS"].split(",") == topics
    assert program["CDCLAKE_CONNECTOR_CONFIG"].endswith(f"/connectors/{command[1]}")
    source = {key: value for key, value in SERVICES["connector"]["environment"].items()
              if key.startswith("SOURCE_DB_")}
    assert source.items() <= program.items()
    postgres = SERVICES["postgres"]["environment"]
    assert source["SOURCE_DB_USER"] == postgres["POSTGRES_USER"]
    assert source["SOURCE_DB_PASSWORD"] == postgres["POSTGRES_PASSWORD"]
    assert source["SOURCE_DB_NAME"] == postgres["POSTGRES_DB"]


def test_every_variable_of_the_program_is_documented():
    documented = (REPO / "docs/configuration.md").read_text()
    for name in SERVICES["cdclake"]["environment"]:
        assert f"`{name}`" in documented


def test_the_service_is_not_started_again_where_that_cannot_help():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(REPO / "deploy/cdclake.service")
    service = unit["Service"]
    codes = dict(re.findall(r"^\| (\d) \| (.*?) \|", (REPO / "docs/cli.md").read_text(), re.M))
    assert set(service["RestartPreventExitStatus"].split()) == codes.keys() - {"0", "3", "4"}
    for command in (service["ExecStartPre"], service["ExecStart"]):
        program, *words = command.split()
        assert program.endswith("/bin/cdclake")
        assert f"`cdclake {' '.join(words[:-2])}`" in (REPO / "docs/cli.md").read_text()
        assert words[-2] == "--env-file"


@pytest.mark.parametrize("command", ["", "prepare", "up", "down", "status", "env", "schema", "load",
                                     "psql", "connector", "fence", "topic"])
def test_every_command_of_the_stack_explains_itself(command):
    arguments = [REPO / "script/stack", *command.split(), "--help"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout and "script/stack" in done.stdout
