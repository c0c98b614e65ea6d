"""Hidden directories stay hidden under every name they have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import launch, second_names, visible_paths


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
    identity = second_names.identity
    original = venv / shown
    monkeypatch.setattr(
        second_names, "identity", lambda path: identity(original if path == point else path)
    )
    mounts = [point, secret.parent / "other"]
    monkeypatch.setattr(second_names, "_mounts_inside", lambda shown: mounts)
    found = list(second_names.mounted_again([secret], [venv]))
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
from autograder.sandbox import second_names, visible_paths
shown = Path({str(venv / "lib")!r})
again = tuple(second_names.mounted_again([Path({str(secret)!r})], [shown]))
assert again == (Path({str(second / "course_files")!r}),), again
hidden = (Path({str(secret)!r}), *again)
pieces = [str(one) for one in visible_paths.readable_pieces(shown, hidden)]
assert pieces == [{str(venv / "lib/site/numpy")!r}], pieces
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if "no mounts" in done.stderr:
        pytest.skip("nothing can be mounted here")
    assert done.returncode == 0, done.stderr


LINKED = {  # a second name -> what it is a name of, and whether that is found
    "lib/site/numpy/copy.py": ("solution.py", True),
    "lib/other.bin": ("solution.py", True),
    "lib/site/autograder/course_files/again.py": ("solution.py", False),  # hidden anyway
    "outside/cache.py": ("solution.py", False),  # as uv's, which no student process sees
    "lib/site/numpy/deep": ("part/test.py", True),
}


@pytest.mark.parametrize("second", LINKED)
def test_a_hard_link_is_known_by_its_inode(venv, second):
    secret = venv / "lib/site/autograder/course_files"
    (secret / "part").mkdir()
    (secret / "part/test.py").write_text("assert 0.9\n")
    (venv / "lib/site/numpy/own.py").write_text("0.9\n")
    os.link(venv / "lib/site/numpy/own.py", venv / "lib/site/numpy/linked.py")  # nobody's secret
    file, is_found = LINKED[second]
    (venv / second).parent.mkdir(exist_ok=True)
    os.link(secret / file, venv / second)
    found = list(second_names.linked_again([secret], [venv / "lib", venv / "lib64"]))
    assert found == [venv / second] * is_found
    pieces = list(visible_paths.readable_pieces(venv / "lib", (secret, *found)))
    around = {(venv / second).resolve(), *(venv / second).resolve().parents}
    assert pieces and around.isdisjoint(pieces) or not is_found


def test_nothing_is_looked_through_where_no_secret_has_a_second_name(venv, monkeypatch):
    monkeypatch.setattr(second_names, "_entries", lambda folder: pytest.fail(folder))
    secret = venv / "lib/site/autograder/course_files"
    assert list(second_names.linked_again([secret], [venv / "lib"])) == []


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
