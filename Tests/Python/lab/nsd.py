"""The configuration of nsd: one process that keeps to its folder, and answers as often as asked."""

from __future__ import annotations

from pathlib import Path


def zone(name: str, file: str) -> str:
    """A zone, with its file below the folder."""
    return f'zone:\n  name: "{name}"\n  zonefile: "{file}"'


def configuration(
    folder: Path, addresses: list[str], zones: list[str], more: tuple[str, ...] = (),
) -> str:
    """The whole file: where it listens, as ADDRESS@PORT, the zones, and more server options."""
    listen = "\n".join(f"  ip-address: {address}" for address in addresses)
    options = "".join(f"  {option}\n" for option in more)
    return f"""server:
{listen}
  username: ""
  chroot: ""
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  zonesdir: "{folder}"
  server-count: 1
  tcp-count: 500
{options}  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
""" + "\n".join(zones) + "\n"
