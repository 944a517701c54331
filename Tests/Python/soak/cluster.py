"""A survey on Spark, with workers killed in three of its stages, beside one process.

A standalone master and two workers of one core each run on loopback beside the field lab. Each
survey's records must be those of one scan of the same list, none missing or doubled; no child of a
killed worker may live longer than two seconds; and no host may be connected to faster than the
limits allow, nor more often than the one scan did, but for the partitions that were in flight.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import records, wire
from .program import Run
from .report import Report, spread
from .workspace import PROGRAM, ROOT, Workspace

SPARK = ROOT / "scripts/spark"
ENVIRONMENT = ROOT / ".build/spark"
PORT = 7077
WORKERS = 2
CHILD_SECONDS = 2.0
START_SECONDS = 60.0
# Which of several hosts shares the handshake of another depends on the order.
ALONE = ["--share-handshakes-after", "0"]
# The lab has few addresses: the limit of each alone holds, and is looked at.
RATE = 100
LIFTED = ["--max-fetch-rate-per-address", "--max-per-address", "--max-per-network",
          "--max-rate-per-network", "--max-per-domain", "--max-rate-per-domain"]
# What the lab's resolver answers within the limits of time beside Spark on two cores.
QUESTIONS = 3000
GIVEN = [*ALONE, "--max-rate-per-address", str(RATE), "--max-dns-rate", str(QUESTIONS),
         "--trust-ad", *(word for option in LIFTED for word in (option, "0"))]
# Of each record what the parts of one scan find otherwise: where its list is, and which of several
# that fail alike at an address were tried.
OTHERWISE = frozenset({"source", "line", "list", "input", "rank", "error", "message"})
EXECUTOR = b"CoarseGrainedExecutorBackend"
WORKER = b"org.apache.spark.deploy.worker.Worker"


class Cluster:
    """A master and its workers on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.started = 0
        self._start("master.Master", "--host", "127.0.0.1", "--port", PORT, "--webui-port", 0)
        deadline = time.monotonic() + START_SECONDS
        while not self._listens() and time.monotonic() < deadline:
            time.sleep(0.2)
        for _ in range(WORKERS):
            self.add_worker()

    def add_worker(self) -> None:
        """One worker of one core, as each was that is gone."""
        self.started += 1
        self._start(
            "worker.Worker", "--host", "127.0.0.1", "--cores", 1, "--memory", "1g",
            "--webui-port", 0, "--work-dir", self.folder / f"worker-{self.started}",
            f"spark://127.0.0.1:{PORT}")

    def _start(self, name: str, *arguments: object) -> None:
        [command] = ENVIRONMENT.glob("lib/python3*/site-packages/pyspark/bin/spark-class")
        environment = {
            **os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "yes",
            "PYSPARK_PYTHON": str(ENVIRONMENT / "bin/python"), "PYTHONHASHSEED": "0"}
        with (self.folder / "cluster.log").open("ab") as log:
            self.processes.append(subprocess.Popen(
                [command, f"org.apache.spark.deploy.{name}", *map(str, arguments)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment))

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", PORT)) == 0

    def stop(self) -> None:
        """Ends all."""
        for process in self.processes:
            process.kill()
            process.wait()


class Processes:
    """What runs now, by process number."""

    def __init__(self) -> None:
        self.words: dict[int, list[bytes]] = {}
        self.parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    self.words[int(entry.name)] = (entry / "cmdline").read_bytes().split(b"\0")
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                self.parents[int(entry.name)] = int(fields[1])

    def having(self, word: bytes) -> list[int]:
        """Those in whose command line a word stands."""
        return [number for number, words in self.words.items()
                if any(word in each for each in words)]

    def children(self, command: bytes, without: bytes | None = None) -> list[int]:
        """Those of the workers' programs that carry out a command."""
        return [number for number, words in self.words.items()
                if words[0].endswith(b"/stsurvey") and words[1:2] == [command]
                and (without is None or without not in words) and self.executor_of(number)]

    def executor_of(self, number: int) -> int | None:
        """The executor under which a process runs."""
        executors = self.having(EXECUTOR)
        while number in self.parents:
            number = self.parents[number]
            if number in executors:
                return number
        return None


def in_names(processes: Processes, _: Path) -> list[int]:
    """A child of the first stage that sends packets."""
    return processes.children(b"scan")


def in_probe(processes: Processes, _: Path) -> list[int]:
    """A child that connects to mail hosts."""
    return processes.children(b"probe", without=b"--only")


def in_commit(processes: Processes, folder: Path) -> list[int]:
    """An executor, while Parquet files are written and not yet in place."""
    is_writing = any((folder / "parquet").glob("**/_temporary/*"))
    return processes.having(EXECUTOR) if is_writing else []


STAGES: dict[str, Callable[[Processes, Path], list[int]]] = {
    "first stage": in_names, "probe": in_probe, "final commit": in_commit}


class Trials:
    """Surveys of one list, each compared with the scan of one process."""

    def __init__(self, report: Report, workspace: Workspace, flags: list[str], path: Path) -> None:
        self.report, self.work, self.flags, self.path = report, workspace.work, flags, path
        self.domains: dict[int, records.Record] = {}
        self.hosts: dict[str, records.Record] = {}
        self.connected: Counter[str] = Counter()
        self.orphans: list[float] = []
        self.seconds: list[float] = []

    def scan_whole(self) -> None:
        """The scan of one process."""
        capture = wire.Capture(self.work / "whole.pcap")
        run = Run([self.path, "--output", self.work / "whole", *self.flags, *GIVEN])
        code = run.end()
        self.report.row("one process, seconds", f"{run.seconds:.1f}")
        self.report.require(code == 0, f"one process: exit code {code}: {run.errors[-400:]}")
        seen, _ = capture.end()
        self.connected = Counter({host: len(times) for host, times in seen.connected.items()})
        self.report.row("one process: most connections to an address within a second",
                        highest_rate(seen.connected))
        whole = self.work / "whole"
        # Lines that are no names are entries of the job, and have no name to be found by; a name
        # that is listed twice is one entry.
        listed = sorted(records.read(whole, "domains"), key=lambda record: record["index"])
        first = {record["domain"]: record for record in reversed(listed) if record["domain"]}
        self.domains = {record["index"]: _stable(record) for record in first.values()}
        self.hosts = {record["host"]: _stable(record) for record in records.read(whole, "hosts")}

    def survey(self, name: str, stage: str | None) -> None:
        """One survey; a worker with its executor is killed in a stage."""
        folder = self.work / name.replace(" ", "-")
        cluster_folder = self.work / f"cluster-{folder.name}"
        cluster_folder.mkdir()
        cluster = Cluster(cluster_folder)
        capture = wire.Capture(self.work / f"{folder.name}.pcap")
        try:
            began = time.monotonic()
            process = self._job(folder)
            if stage:
                self._kill(process, stage, folder, cluster, name)
            _, errors = process.communicate(timeout=3600)
            self.seconds.append(time.monotonic() - began)
            self.report.row(f"{name}: seconds", f"{self.seconds[-1]:.1f}")
            self.report.require(
                process.returncode == 0, f"{name}: exit code {process.returncode}: {errors[-800:]}")
        finally:
            cluster.stop()
            seen, lost = capture.end()
        self._compare(name, folder, seen, lost)
        shutil.rmtree(folder)
        shutil.rmtree(cluster_folder)

    def _job(self, folder: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [SPARK, self.path, "--output", folder, "--program", PROGRAM,
             "--master", f"spark://127.0.0.1:{PORT}", "--conf", "spark.driver.host=127.0.0.1",
             "--conf", "spark.driver.bindAddress=127.0.0.1",
             "--conf", "spark.executor.memory=768m",
             "--conf", f"spark.local.dir={self.work}", "--", *self.flags, *GIVEN],
            cwd=ROOT, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"})

    def _kill(
        self, process: subprocess.Popen[str], stage: str, folder: Path, cluster: Cluster, name: str,
    ) -> None:
        """Kills a worker and its executor once their stage has begun; times their children."""
        while not (found := STAGES[stage](now := Processes(), folder)):
            if process.poll() is not None:
                self.report.require(False, f"{name}: it ended before the stage")
                return
            time.sleep(0.02)
        executor = now.executor_of(found[0]) or found[0]
        worker = now.parents[executor]
        children = [number for number, words in now.words.items()
                    if words[0].endswith(b"/stsurvey") and now.executor_of(number) == executor]
        is_worker = worker in now.having(WORKER)
        for number in (worker, executor) if is_worker else (executor,):
            os.kill(number, signal.SIGKILL)
        killed = time.monotonic()
        while any(_runs(number) for number in children) and time.monotonic() < killed + 60:
            time.sleep(0.005)
        if children:
            self.orphans.append(time.monotonic() - killed)
            self.report.require(
                self.orphans[-1] <= CHILD_SECONDS,
                f"{name}: a child lived {self.orphans[-1]:.1f} s longer than its worker")
        if is_worker:
            cluster.add_worker()

    def _compare(self, name: str, folder: Path, seen: wire.Seen, lost: int) -> None:
        """Each record once, and as the one process has it; connections and their rates."""
        domains, hosts = _records(folder, "domain"), _records(folder, "host")
        counts = Counter(record["index"] for record in domains)
        doubled = [index for index, count in counts.items() if count > 1]
        missing = self.domains.keys() - counts.keys()
        host_counts = Counter(record["host"] for record in hosts)
        self.report.require(not doubled, f"{name}: doubled: {doubled[:5]}")
        self.report.require(not missing, f"{name}: missing: {sorted(missing)[:5]}")
        self.report.require(
            host_counts == Counter(self.hosts.keys()), f"{name}: other hosts than one process, "
            f"{sorted(host_counts.keys() ^ self.hosts.keys())[:5]}")
        self.report.row(f"{name}: records, indexes, hosts",
                        f"{len(domains):,}, {len(counts):,}, {len(hosts):,}")
        differing = [
            *_differing(self.hosts, hosts, "host"), *_differing(self.domains, domains, "index")]
        self.report.differences(name, differing)
        more = seen_more(self.connected, seen.connected)
        self.report.row(f"{name}: connections, of these more than one process made to a host",
                        f"{sum(map(len, seen.connected.values())):,}, {more:,}"
                        + (f"; {lost} packets not seen" if lost else ""))
        self.report.row(f"{name}: most connections to an address within a second",
                        highest_rate(seen.connected))


def _runs(number: int) -> bool:
    """Whether a process is there and not only waited for."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _stable(record: records.Record) -> Any:
    return records.stable(record, OTHERWISE)


def _records(folder: Path, kind: str) -> list[records.Record]:
    """The records of one kind that a survey has left."""
    return [json.loads(line)
            for path in sorted((folder / "ndjson").glob(f"**/record={kind}/**/part-*"))
            for line in gzip.decompress(path.read_bytes()).splitlines()]


def _differing(wanted: dict[Any, Any], found: list[records.Record], key: str) -> list[str]:
    """Records that are not as wanted, with the places."""
    texts = []
    for record in found:
        before = wanted.get(record[key])
        if before and (places := records.paths(before, _stable(record))):
            texts.append(f"{key} {record[key]}: {'; '.join(places[:3])}")
    return texts


def seen_more(once: Counter[str], seen: wire.Times) -> int:
    """Connections to addresses beyond those of the one process."""
    return sum(max(0, len(times) - once[address]) for address, times in seen.items())


def highest_rate(seen: wire.Times) -> int:
    """The most connections to one address within any second."""
    most = 0
    for moments in seen.values():
        times, first = sorted(moments), 0
        for last, moment in enumerate(times):
            while times[first] <= moment - 1:
                first += 1
            most = max(most, last - first + 1)
    return most


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=20_000, metavar="N", help="of the field")
    parser.add_argument("--times", type=int, default=3, metavar="N", help="kills in each stage")
    parser.add_argument("--stages", nargs="+", choices=list(STAGES), default=list(STAGES))
    parser.add_argument("--undisturbed", action="store_true", help="one survey without a kill, too")


def prepare(_: argparse.Namespace) -> None:
    """Installs Spark, which the namespace of the scenario cannot."""
    subprocess.run([SPARK, "--help"], check=True, stdout=subprocess.DEVNULL)


def run(options: argparse.Namespace) -> int:
    """The one process, then surveys with a kill in each stage."""
    workspace = Workspace("cluster")
    report = Report(f"{options.domains:,} domains on Spark", workspace.folder)
    workspace.lab("up", "--population", "field", "--domains", options.domains)
    path = workspace.folder / "list.txt"
    lines = (workspace.folder / "lab/domains.csv").read_text().splitlines()
    path.write_text("".join(f"{line.rpartition(',')[2]}\n" for line in lines))
    trials = Trials(report, workspace, shlex.split(workspace.lab("flags")), path)
    trials.scan_whole()
    if options.undisturbed:
        trials.survey("undisturbed", None)
    for stage in options.stages:
        for number in range(1, options.times + 1):
            trials.survey(f"{stage} {number}", stage)
    report.row("surveys, seconds", f"{len(trials.seconds)}, {spread(trials.seconds)}")
    report.row("children gone after", spread(trials.orphans, " s", 2))
    workspace.lab("down")
    return report.end()
