"""In one line, what holds in the tier that was chosen, as it was tried."""

from __future__ import annotations

from autograder.sandbox import cgroup, launch

NAMES = {"bwrap": "bubblewrap", "landlock": "Landlock"}


def found(tier: str) -> str:
    """What ``grade`` says before it begins, and the report of the class afterwards."""
    if tier == "none":
        return "Sandbox: none. Students' code runs with your rights; its scores may be forged."
    reason = cgroup.unavailable()
    memory = f"not counted ({reason})" if reason else "counted by a cgroup"
    line = (
        f"Sandbox: {NAMES[tier]}; course files could not be read from inside; "
        f"memory of pipes, sockets and files in memory is {memory}."
    )
    return f"{line} {launch.fallback_notice(tier)}".strip()
