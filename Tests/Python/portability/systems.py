"""Minimal Debian systems in folders, and commands that run in them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".build/portability"
# Not in root's home, which the lab's servers cannot enter.
CLONE = "/srv/stsurvey"
ENVIRONMENT = {
    "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What the shell that enters a system does first; its mounts end with it.
MOUNTS = """\
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
"""


class PortabilityError(Exception):
    """Something that was tried did not succeed, or cannot be tried here."""


def run(*command: object, log: Path | None = None) -> str:
    """What a command prints; where it fails, the end of that is the error's text."""
    words = list(map(str, command))
    done = subprocess.run(
        words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd=ROOT)
    if log is not None:
        with log.open("a") as file:
            file.write(f"$ {shlex.join(words)}\n{done.stdout}")
    if done.returncode:
        raise PortabilityError(f"{shlex.join(words)[:200]}\n{done.stdout[-3000:]}")
    return done.stdout


def mirror() -> str:
    """This machine's mirror of Debian."""
    sites = run("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages",
                "Origin: Debian").splitlines()
    for site in sites:
        if "security" not in site:
            return site
    raise PortabilityError("no mirror of Debian in the sources of apt")


def toolchain() -> Path:
    """The folder of the Swift toolchain that is bound into the systems."""
    program = shutil.which("swift")
    if program is None:
        raise PortabilityError("no swift in PATH")
    return Path(program).resolve().parents[2]


class System:
    """A Debian system in a folder, made where it is not there yet."""

    def __init__(self, suite: str, purpose: str) -> None:
        self.folder = FOLDER / f"{suite}-{purpose}"
        self.log = FOLDER / f"{suite}-{purpose}.log"
        self._suite = suite
        self._mark = FOLDER / f"{suite}-{purpose}.made"

    def make(self) -> None:
        """Makes the system; an earlier one that is not whole is made again."""
        if self._mark.exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        run("debootstrap", "--variant=minbase", self._suite, self.folder, mirror(), log=self.log)
        self._mark.touch()

    def inside(self, command: str, *, swift: bool = False, network: bool = True) -> str:
        """What a shell command prints that runs in the system, with Swift where it is asked for."""
        if not self._mark.exists():
            raise PortabilityError(f"{self.folder} is not made yet: take the step source, too")
        shutil.copy("/etc/resolv.conf", self.folder / "etc/resolv.conf")
        mounts, path = MOUNTS, PATH
        if swift:
            tools = toolchain()
            mounts += f'mkdir -p "$0{tools}"\nmount --bind "{tools}" "$0{tools}"\n'
            path = f"{tools}/usr/bin:{PATH}"
        alone = () if network else ("--net",)
        first = "" if network else "ip link set lo up\n"
        variables = [f"{name}={value}" for name, value in {**ENVIRONMENT, "PATH": path}.items()]
        return run(
            "unshare", "--mount", *alone, "bash", "-euc",
            f'{first}{mounts}exec chroot "$0" env --ignore-environment "$@"', self.folder,
            *variables, "bash", "-euc", command, log=self.log)

    def update_clone(self) -> None:
        """Has the system hold the commit that is checked out here, and the Swift packages of it."""
        clone = Path(f"{self.folder}{CLONE}")
        if not clone.exists():
            run("swift", "package", "--package-path", ROOT, "resolve", log=self.log)
            # Takes its name when it is whole: what was interrupted is begun anew.
            begun = clone.with_name(clone.name + ".begun")
            shutil.rmtree(begun, ignore_errors=True)
            run("git", "clone", "--quiet", ROOT, begun, log=self.log)
            (begun / ".build").mkdir()
            for name in ("checkouts", "repositories", "workspace-state.json"):
                run("cp", "--recursive", ROOT / ".build" / name, begun / ".build", log=self.log)
            begun.rename(clone)
        run("git", "-C", clone, "fetch", "--quiet", ROOT, "HEAD", log=self.log)
        run("git", "-C", clone, "reset", "--quiet", "--hard", "FETCH_HEAD", log=self.log)
        run("cp", ROOT / "Package.resolved", clone, log=self.log)


class Stopwatch:
    """How long something took, in seconds."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def seconds(self) -> int:
        """The seconds since it began."""
        return round(time.monotonic() - self._began)
