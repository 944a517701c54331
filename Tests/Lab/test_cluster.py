"""The recipes for more than one machine, run on this one as far as they can be."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from helpers.program import PROGRAM, QUICKSTART, ROOT, read_manifest, run

RECIPES = ROOT / "scripts/cluster"
SHARDS = 4
OPTIONS = ["--quiet", "--probe", "none"]


@pytest.fixture
def environment():
    return {**os.environ, "STSURVEY": str(PROGRAM)}


@pytest.fixture
def short_list(write_list):
    return write_list(*QUICKSTART.read_text().splitlines()[-80:])


def check_merged(folder, entries):
    """All shards of a folder merged are one whole scan."""
    done = run("merge", *sorted(folder.glob("shard-*")), "--output", folder / "whole")
    assert done.returncode == 0, done.stderr
    assert read_manifest(folder / "whole")["totals"]["domains"] == entries
    assert run("verify", folder / "whole").returncode == 0


def entries_of(path):
    return len([line for line in path.read_text().splitlines()
                if line.strip() and not line.startswith("#")])


def test_a_shard_is_begun_resumed_and_left_alone(flags, short_list, tmp_path, environment):
    command = [RECIPES / "scan-shard", "0/1", tmp_path / "out", short_list, *OPTIONS, *flags]
    process = subprocess.Popen(
        [*command, "--max-dns-rate", "100", "--checkpoint-interval", "0.2"], env=environment,
        cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "out/shard-0/checkpoint.json").exists():
        time.sleep(0.05)
    process.kill()
    process.communicate()
    for _ in range(2):
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    assert "has ended before" in done.stderr
    check_merged(tmp_path / "out", entries_of(short_list))


@pytest.mark.skipif(not shutil.which("parallel"), reason="GNU parallel is not installed")
def test_gnu_parallel(flags, short_list, tmp_path, environment):
    done = subprocess.run(
        ["parallel", "--jobs", "2", "--retries", "5", RECIPES / "scan-shard", f"{{}}/{SHARDS}",
         tmp_path / "out", short_list, *OPTIONS, *flags, ":::", *map(str, range(SHARDS))],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    check_merged(tmp_path / "out", entries_of(short_list))


@contextmanager
def slurm(folder):
    """A cluster of Slurm of this machine alone: the environment of its commands, its daemons."""
    node = socket.gethostname().split(".")[0]
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
    (folder / "slurm.conf").write_text(f"""\
ClusterName=stsurvey
SlurmctldHost={node}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
NodeName={node} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} State=UNKNOWN
PartitionName=all Nodes={node} Default=YES MaxTime=INFINITE State=UP
""")
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    with (folder / "daemons.log").open("w") as log:
        daemons = [
            subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            for command in (["slurmctld", "-D", "-i"], ["slurmd", "-D"])]
    try:
        yield environment, daemons
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(timeout=30)


def has_node(environment, daemons):
    """Whether the node can be used within half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and all(daemon.poll() is None for daemon in daemons):
        # Without a daemon it would wait for one for longer.
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                ["sinfo", "--noheader", "--format", "%T"], env=environment, capture_output=True,
                text=True, timeout=5)
            if done.stdout.strip() == "idle":
                return True
        time.sleep(1)
    return False


@pytest.mark.skipif(
    not (shutil.which("slurmctld") and shutil.which("slurmd")) or os.geteuid() != 0,
    reason="Slurm is not installed, or this is not root")
def test_slurm(flags, short_list, tmp_path, environment):
    with slurm(tmp_path) as (cluster, daemons):
        if not has_node(cluster, daemons):
            pytest.skip("Slurm does not start here: " + (tmp_path / "daemons.log").read_text())
        done = subprocess.run(
            ["sbatch", "--wait", f"--array=0-{SHARDS - 1}", "--output", tmp_path / "job-%a.log",
             RECIPES / "slurm.sh", tmp_path / "out", short_list, *OPTIONS, *flags],
            env={**environment, **cluster}, cwd=ROOT, capture_output=True, text=True, timeout=180)
    logs = [path.read_text() for path in sorted(tmp_path.glob("job-*.log"))]
    assert done.returncode == 0, (done.stderr, logs)
    check_merged(tmp_path / "out", entries_of(short_list))


def documents():
    return list(yaml.safe_load_all((RECIPES / "kubernetes.yaml").read_text()))


def test_kubernetes_takes_the_jobs():
    for document in documents():
        kubernetes_validate.validate(document, "1.33", strict=True)


def test_the_pods_of_kubernetes_do_what_the_jobs_say(flags, short_list, tmp_path):
    """Their commands are run as they stand, with the paths of this machine."""
    scan, merge = (document["spec"] for document in documents() if document["kind"] == "Job")
    [container] = scan["template"]["spec"]["containers"]
    values = {item["name"]: item["value"] for item in container["env"]}
    assert scan["completions"] == int(values["SHARDS"])
    assert scan["template"]["spec"]["terminationGracePeriodSeconds"] >= 60
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "stsurvey").symlink_to(PROGRAM)
    data = tmp_path / "data"
    data.mkdir()

    def pod(container, **more):
        [command] = container["args"]
        command = command.replace("/data", str(data)).replace(
            "/lists/domains.txt", str(short_list))
        path = f"{binaries}:{os.environ['PATH']}"
        done = subprocess.run(
            [*container["command"], command], env={**os.environ, **more, "PATH": path}, cwd=ROOT,
            capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr

    own = [flag for name, flag in zip([None, *flags], flags, strict=False)
           if flag not in ("--ehlo-name", "--contact") and name not in ("--ehlo-name", "--contact")]
    for index in range(scan["completions"]):
        values["JOB_COMPLETION_INDEX"] = str(index)
        values["OPTIONS"] = " ".join([*OPTIONS, "--vantage", "kubernetes", *own])
        pod(container, **values)
    [container] = merge["template"]["spec"]["containers"]
    pod(container)
    pod(container)
    assert read_manifest(data / "whole")["totals"]["domains"] == entries_of(short_list)
