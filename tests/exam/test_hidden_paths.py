"""Hidden directories stay hidden under every name they have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import launch, visible_paths


@pytest.fixture
def venv(tmp_path):
    """Where ``lib64`` is ``lib``, and a package has course files."""
    secret = tmp_path / "lib/site/autograder/course_files"
    secret.mkdir(parents=True)
    (secret / "solution.py").write_text("0.9\n")
    (tmp_path / "lib/site/numpy").mkdir()
    (tmp_path / "lib64").symlink_to("lib")
    return tmp_path


@pytest.mark.parametrize("visible", ["lib", "lib64"])
@pytest.mark.parametrize("hidden", ["lib", "lib64"])
def test_a_link_to_the_library_shows_nothing_hidden(venv, visible, hidden):
    secret = venv / hidden / "site/autograder/course_files"
    pieces = list(visible_paths.readable_pieces(venv / visible, (secret,)))
    assert pieces == [(venv / "lib/site/numpy").resolve()]


@pytest.mark.parametrize("target", ["autograder", "autograder/course_files", "."])
def test_a_link_beside_it_shows_nothing_hidden(venv, target):
    site = venv / "lib/site"
    (site / "alias").symlink_to(target)
    pieces = visible_paths.readable_pieces(venv / "lib", (site / "autograder/course_files",))
    assert list(pieces) == [(site / "numpy").resolve()]


MOUNTED = {  # what is mounted a second time -> what is then hidden there
    "course files": ("lib/site/autograder/course_files", ""),
    "the package around them": ("lib/site/autograder", "course_files"),
    "all packages": ("lib/site", "autograder/course_files"),
    "a part of them": ("lib/site/autograder/course_files/part", ""),
    "one file": ("lib/site/autograder/course_files/solution.py", ""),
    "another package": ("lib/site/numpy", None),
}


@pytest.mark.parametrize("what", MOUNTED)
def test_a_second_mount_is_known_by_what_it_shows(venv, what, monkeypatch):
    """Hard links stand in for mounts: the same device and inode under another name."""
    secret, point = venv / "lib/site/autograder/course_files", venv / "lib/second place"
    (secret / "part").mkdir()
    shown, inner = MOUNTED[what]
    identity = visible_paths._identity
    original = venv / shown
    monkeypatch.setattr(
        visible_paths, "_identity", lambda path: identity(original if path == point else path)
    )
    found = list(visible_paths.mounted_again([secret], [point, secret.parent / "other"]))
    assert found == ([] if inner is None else [point / inner])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts as root only")
def test_a_real_bind_mount_shows_nothing_hidden(venv):
    """In a mount namespace of its own."""
    secret, second = venv / "lib/site/autograder/course_files", venv / "lib/second place"
    second.mkdir()
    code = f"""
import ctypes, os
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x20000) or libc.mount(b"none", b"/", None, 0x44000, None):
    raise SystemExit("no mounts")
if libc.mount({str(secret.parent)!r}.encode(), {str(second)!r}.encode(), None, 4096, None):
    raise SystemExit("no mounts")
from autograder.sandbox import launch, visible_paths
shown = Path({str(venv / "lib")!r})
again = tuple(visible_paths.mounted_again([Path({str(secret)!r})], visible_paths._mounts_inside([shown])))
assert again == (Path({str(second / "course_files")!r}),), again
hidden = (Path({str(secret)!r}), *again)
pieces = [str(one) for one in visible_paths.readable_pieces(shown, hidden)]
assert pieces == [{str(venv / "lib/site/numpy")!r}], pieces
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if "no mounts" in done.stderr:
        pytest.skip("nothing can be mounted here")
    assert done.returncode == 0, done.stderr


def test_the_probe_tries_every_alias(venv, monkeypatch):
    monkeypatch.setattr(launch, "visible_paths", lambda: (venv / "lib", venv / "lib64"))
    monkeypatch.setattr(
        launch, "hidden_paths", lambda: (venv / "lib/site/autograder/course_files",)
    )
    name = "site/autograder/course_files/solution.py"
    for path in (venv / "lib" / name, venv / "lib64" / name):
        assert str(path) in launch._hidden_files()
        assert f"/proc/self/root{path}" in launch._hidden_files()


@pytest.mark.skipif(bool(launch.probe("bwrap")), reason=str(launch.probe("bwrap")))
def test_a_tier_in_which_hidden_files_can_be_read_is_refused(monkeypatch):
    file = Path(os.__file__)  # visible, as it must be
    monkeypatch.setattr(launch, "_hidden_files", lambda: [str(file)])
    assert f"could read {file}" in launch._try("bwrap")
