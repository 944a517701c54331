"""Programs in other systems, as commands that take the same files as here."""

from __future__ import annotations

from pathlib import Path

from .systems import FOLDER, ROOT, PortabilityError, System, run

WORK = FOLDER / "work"
# The user of the image.
IMAGE_USER = 10053
CONTAINERS = ("--root", f"{FOLDER}/containers", "--runroot", f"{FOLDER}/containers-run",
              "--storage-driver", "vfs")


def _write(name: str, text: str) -> Path:
    path = FOLDER / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def in_system(system: System, program: str) -> Path:
    """A command that runs a program of a system; the clone's folder is in both."""
    (system.folder / str(ROOT).lstrip("/")).mkdir(parents=True, exist_ok=True)
    return _write(f"{system.folder.name}-program", f"""\
#!/bin/sh
exec unshare --mount sh -euc '
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
mount --bind "{ROOT}" "$0{ROOT}"
exec chroot "$0" env --chdir="{ROOT}" {program} "$@"' "{system.folder}" "$@"
""")


def in_image(archive: Path) -> Path:
    """A command that runs an image, as its own user, who gets the folder that is to be written."""
    if not archive.exists():
        raise PortabilityError(f"no image {archive}: scripts/package image")
    run("buildah", *CONTAINERS, "rm", "--all")
    container = run("buildah", *CONTAINERS, "from", f"oci-archive:{archive}").splitlines()[-1]
    return _write("image-program", f"""\
#!/bin/bash
set -eu
previous=''
for argument; do
    if [[ $previous == --output ]]; then
        chown {IMAGE_USER} "$(dirname "$argument")"
        for folder in "{WORK}" "{WORK}"/*/; do chmod o+x "$folder"; done
    fi
    previous=$argument
done
exec buildah {' '.join(CONTAINERS)} run --isolation chroot --volume "{ROOT}:{ROOT}" \\
    --workingdir "{ROOT}" {container} /usr/bin/stsurvey "$@"
""")
