"""What a student process cannot do, tried from inside; and that the attempts are real."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.doctor import doctor, probes
from autograder.errors import SandboxError
from autograder.sandbox import landlock, launch, monitor, scratch, seccomp, visible_paths
from autograder.sandbox.inside import PLAN, ConfineError, lock_down_server, read_plan, write_plan
from autograder.sandbox.limits import MIB, Limits

linux = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
ROOT = Path(launch.__file__).parents[2]
NOBODY = 65534
ALLOW_EVERYTHING = bytes.fromhex("060000000000ff7f")  # BPF: return SECCOMP_RET_ALLOW


def _python_open_to_all():
    """An interpreter that an ordinary user may run with our packages, or None."""
    if not any(visible_paths.closed_to_others(p.resolve()) for p in visible_paths.visible_paths()):
        return sys.executable
    question = "import sys, numpy, pyseccomp; print(sys.version_info[:2])"
    for python in ("/usr/bin/python3", "/usr/local/bin/python3"):
        if Path(python).exists():
            answer = _run_as("ordinary", [python, "-c", question], env=_packages())
            if answer.stdout.strip() == str(sys.version_info[:2]):
                return python
    return None


def _packages(root=ROOT):
    """An environment in which another interpreter finds what this one does."""
    site = str(Path(find_spec("numpy").origin).parents[1])
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(root), site]),
        "OPENBLAS_NUM_THREADS": "1",
    }


def _run_as(user, argv, **options):
    if user == "ordinary" and os.geteuid() == 0:
        options |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return subprocess.run(argv, capture_output=True, text=True, check=False, **options)


def _run_inside_as(user, tier, folder, argv, root=ROOT):
    """Run Python's ``argv`` as root or as an ordinary user; skip where that cannot be."""
    python = sys.executable
    if user == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    if os.geteuid() == 0 and (user == "ordinary" or tier == "landlock"):
        python = _python_open_to_all()
        if python is None:
            pytest.skip(f"no Python like {sys.executable} that an ordinary user may enter")
    environment_ = _packages(root) | {"TMPDIR": str(folder)}
    done = _run_as(user, [python, "-B", *argv], env=environment_, cwd=folder)
    if done.returncode == 2:
        pytest.skip(done.stderr.strip())
    assert done.stdout, done.stderr
    return done


@pytest.fixture
def shared_folder():
    """A directory in memory that other users may enter, unlike pytest's own."""
    memory = "/dev/shm"
    folder = tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None)
    os.chmod(folder, 0o777)
    yield Path(folder)
    scratch.remove(folder)


@linux
@pytest.mark.parametrize("user", ["root", "ordinary"])
@pytest.mark.parametrize("tier", ["bwrap", "landlock"])
def test_every_attempt_fails_in_the_sandbox(tier, user, shared_folder):
    argv = ["-m", "autograder.doctor.doctor", tier, "--json"]
    rows = json.loads(_run_inside_as(user, tier, shared_folder, argv).stdout)
    assert [row["what"] for row in rows] == [probe.what for probe in probes.PROBES]
    assert [row for row in rows if not row["holds"]] == []


# The attempts are real: with a layer off they succeed -------------------------------------------


@pytest.fixture(params=["bwrap", "landlock"])
def tier(request):
    if problem := launch.probe(request.param):
        pytest.skip(f"{request.param}: {problem}")
    return request.param


def _failing(tier, *attempts, limits=None):
    chosen = [probe for probe in probes.PROBES if probe.attempt in attempts]
    assert len(chosen) == len(attempts)
    if limits:
        chosen = [replace(probe, limits=limits) for probe in chosen]
    rows = doctor.probe(tier, tuple(chosen))
    by_name = zip(chosen, rows, strict=True)
    return {probe.attempt.__name__: row.detail for probe, row in by_name if not row.holds}


@linux
def test_without_the_filter_the_kernel_s_doors_are_open(tier, monkeypatch):
    monkeypatch.setattr(seccomp, "server_program", lambda: ALLOW_EVERYTHING)
    attempts = probes.open_sockets, probes.touch_fork_server, probes.knock_at_the_kernel
    failing = _failing(tier, *attempts)
    assert set(failing) == {attempt.__name__ for attempt in attempts}
    assert "AF_INET" in failing["open_sockets"]
    assert "unshare" in failing["knock_at_the_kernel"]


@linux
def test_without_filter_and_network_namespace_sockets_are_reached(monkeypatch):
    if problem := launch.probe("bwrap"):
        pytest.skip(problem)
    bwrap = launch._bwrap
    monkeypatch.setattr(seccomp, "server_program", lambda: ALLOW_EVERYTHING)
    assert _failing("bwrap", probes.reach_sockets) == {}  # the namespace alone is enough
    monkeypatch.setattr(
        launch, "_bwrap", lambda *given: [w for w in bwrap(*given) if w != "--unshare-net"]
    )
    assert "TCP on loopback" in _failing("bwrap", probes.reach_sockets)["reach_sockets"]


@linux
def test_a_file_made_visible_is_read(tier, monkeypatch):
    monkeypatch.setattr(
        launch, "visible_paths", lambda: (*visible_paths.visible_paths(), Path("/etc/passwd"))
    )
    assert "/etc/passwd" in _failing(tier, probes.read_files)["read_files"]


@linux
def test_an_environment_that_leaks_is_noticed(tier, monkeypatch):
    monkeypatch.setitem(launch.ENVIRONMENT, "COURSE_SECRET", "1")
    assert _failing(tier, probes.read_environment) == {"read_environment": "COURSE_SECRET"}


@linux
def test_with_generous_limits_everything_is_taken(tier, monkeypatch):
    generous = Limits(
        memory=1 << 50, tree_memory=1 << 50, processes=5000, file_size=1 << 40,
        scratch_size=1 << 30, scratch_files=100_000, open_files=4096,
    )  # fmt: skip
    command = launch.command
    monkeypatch.setattr(
        launch, "command", lambda *given, **named: command(*given, **named, limits=generous)
    )
    attempts = probes.take_memory, probes.write_300_megabytes, probes.open_many_files
    failing = _failing(tier, *attempts, limits=generous)
    assert set(failing) == {attempt.__name__ for attempt in attempts}


@linux
def test_as_many_processes_run_as_the_limit_says(tier):
    count = """
        import os, signal
        result = []
        try:
            while len(result) < 60:
                pid = os.fork()
                if pid == 0:
                    signal.pause()
                result.append(pid)
        except BlockingIOError:
            pass
    """
    with doctor.Inside(tier) as inside:
        few = inside.run(textwrap.dedent(count), Limits(processes=8))
        many = inside.run(textwrap.dedent(count), Limits(processes=100))
    assert 1 <= len(few.achieved) < 20  # an ordinary user's other processes come and go
    assert len(many.achieved) == 60
    assert many.leftovers == "processes left running: 60"


@linux
def test_a_nursery_that_stays_root_is_refused():
    if os.geteuid() != 0 or launch.probe("bwrap"):
        pytest.skip("needs root and bubblewrap")
    code = "from autograder.sandbox import inside; inside.lock_down_server()"
    argv = launch.command("bwrap", [sys.executable, "-c", code])
    place = argv.index(PLAN) + 1
    argv[place] = write_plan(read_plan(argv[place]) | {"uid": 0})
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert "still root" in done.stderr


@linux
def test_a_nursery_with_a_thread_is_refused(tier):
    code = """
        import threading, time
        threading.Thread(target=time.sleep, args=(9,), daemon=True, name="saving").start()
        from autograder.sandbox import inside
        inside.lock_down_server()
    """
    argv = launch.command(tier, [sys.executable, "-c", textwrap.dedent(code)])
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert "threads are alive (saving)" in done.stderr


@linux
def test_ending_a_sandbox_ends_all_it_started(tier, monkeypatch):
    seen = []

    def stop_when_grown(pid, limits, scratch):
        seen[:] = monitor.descendants(pid)
        return "stopped by the test" if len(seen) >= 6 else ""

    monkeypatch.setattr(monitor, "excess", stop_when_grown)
    source = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                os.setsid()
                time.sleep(60)
        time.sleep(60)
    """
    reply = doctor.run_inside(tier, textwrap.dedent(source))
    assert reply.stopped == "stopped by the test"
    assert [pid for pid in seen if Path(f"/proc/{pid}").exists() and not _is_zombie(pid)] == []


def _is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@linux
@pytest.mark.parametrize("tier", ["bwrap", "landlock"])
def test_installed_solutions_are_hidden(tier, shared_folder):
    for name in ("autograder", "mlpkit"):
        shutil.copytree(ROOT / name, shared_folder / "site" / name)
    secret = shared_folder / "site/mlpkit_solutions/02_momentum/02_momentum.py"
    secret.parent.mkdir(parents=True)
    secret.write_text("the reference solution")
    for path in shared_folder.rglob("*"):
        path.chmod(0o755)
    code = """
        import sys
        from autograder.doctor import doctor, probes
        from autograder.sandbox import launch as sandbox
        if problem := sandbox.probe(sys.argv[1]):
            print(problem, file=sys.stderr)
            sys.exit(2)
        reading = tuple(p for p in probes.PROBES if p.attempt is probes.read_files)
        for path in sys.argv[2:]:
            doctor._course_files = lambda path=path: [path]
            print(doctor.probe(sys.argv[1], reading)[0].holds)
    """
    user = "root" if os.geteuid() == 0 else "ordinary"
    argv = [
        "-c",
        textwrap.dedent(code),
        tier,
        str(secret),
        str(secret.parents[2] / "autograder" / "doctor" / "doctor.py"),
    ]
    done = _run_inside_as(user, tier, shared_folder, argv, shared_folder / "site")
    assert done.stdout.split() == ["True", "False"]  # the package's own modules may be read


# Choosing ----------------------------------------------------------------------------------------


def test_auto_takes_the_strongest_tier_that_works(monkeypatch):
    problems = {"bwrap": "", "landlock": ""}
    monkeypatch.setattr(launch, "probe", problems.get)
    assert launch.choose("auto") == "bwrap"
    problems["bwrap"] = "it is not installed."
    assert launch.choose("auto") == "landlock"
    problems["landlock"] = "this kernel has none."
    with pytest.raises(SandboxError, match="not installed.*has none.*--isolation=none"):
        launch.choose("auto")
    with pytest.raises(SandboxError, match="'bwrap' does not work here: it is not inst"):
        launch.choose("bwrap")
    assert launch.choose("none") == "none"


def test_an_unknown_tier_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="'chroot' is not one of auto, bwrap, landlock, none"):
        launch.choose("chroot")


@linux
def test_what_is_missing_is_said(monkeypatch):
    probe = launch.probe.__wrapped__
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "apt-get install bubblewrap" in probe("bwrap")
    monkeypatch.setattr(landlock, "abi", lambda: 4)
    assert "Landlock ABI 4; 6 is needed" in probe("landlock")
    monkeypatch.setattr(landlock, "abi", lambda: 6)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(launch, "_closed_to_others", lambda: Path("/root"))
    assert "may not enter /root" in probe("landlock")


@linux
def test_the_plan_stays_small_however_many_packages_there_are(monkeypatch):
    packages = [Path(f"/opt/python/lib/python3.13/site-packages/package_{i}") for i in range(5000)]
    monkeypatch.setattr(launch, "visible_paths", lambda: (Path("/opt/python/lib"),))
    monkeypatch.setattr(launch, "readable_pieces", lambda path, hidden: packages)
    longest = max(map(len, launch.command("landlock", ["python"])))
    assert 5000 < longest < 128 * 1024


@linux
def test_a_tier_that_does_not_start_says_why(monkeypatch):
    failing = [sys.executable, "-c", "raise SystemExit('bwrap: setting up uid map: denied')"]
    monkeypatch.setattr(launch, "command", lambda *given: failing)
    assert "setting up uid map: denied (user namespaces are closed" in launch._try("bwrap")


def test_seats_have_users_of_their_own(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    users = {launch._unprivileged_user(seat) for seat in range(100)}
    assert len(users) == 100
    assert min(users) > 0


# What is visible ---------------------------------------------------------------------------------


def test_neither_the_project_nor_its_solutions_are_visible():
    visible = visible_paths.visible_paths()
    assert any(path.name == "mlpkit" for path in visible) or ROOT.name == "site-packages"
    for place in (ROOT, ROOT / "solutions", ROOT / "tests", Path.home(), Path("/etc")):
        assert not any(path == place or path in place.parents for path in visible)


def test_pieces_leave_out_what_is_hidden(tmp_path):
    for name in ("a/b/secret/x", "a/b/open/y", "a/z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    pieces = visible_paths.readable_pieces(tmp_path, (tmp_path / "a/b/secret",))
    assert {str(p.relative_to(tmp_path)) for p in pieces} == {"a/b/open", "a/z"}
    assert list(visible_paths.readable_pieces(tmp_path, ())) == [tmp_path]


@linux
def test_what_only_its_owner_may_enter_is_found(tmp_path):
    folder = tmp_path / "home" / "python"
    folder.mkdir(parents=True)
    for part in (tmp_path / "home", folder):
        part.chmod(0o755)
    above = visible_paths.closed_to_others(folder)
    assert above not in (folder, tmp_path / "home")  # pytest's own folder is closed to others
    (tmp_path / "home").chmod(0o700)
    assert visible_paths.closed_to_others(folder) == (above or tmp_path / "home")


# Between two submissions -------------------------------------------------------------------------


@linux
def test_a_directory_is_emptied_whatever_is_in_it(shared_folder):
    outside = shared_folder / "outside"
    outside.write_text("stays")
    folder = shared_folder / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(shared_folder)
    (folder / "1").mkdir()  # a name that moved directories get
    (folder / "read-only").touch(mode=0o400)
    os.mkfifo(folder / "fifo")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\n")).touch()
    _nest(folder, 1500)
    (folder / "locked" / "inner").mkdir(parents=True)
    (folder / "locked" / "inner").chmod(0)
    (folder / "locked").chmod(0)
    folder.chmod(0o500)
    scratch.remove(folder)
    assert os.listdir(shared_folder) == ["outside"]


def _nest(folder, depth):
    opened = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deep", dir_fd=opened)
        inner = os.open("deep", os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = inner
    os.close(opened)


@linux
def test_without_a_sandbox_processes_left_behind_are_still_ended():
    code = """
        import os, time
        from autograder.sandbox import inside
        from autograder.sandbox.limits import Limits
        inside.lock_down_server()
        if os.fork() == 0:
            inside.lock_down_child(Limits())
            for _ in range(3):
                if os.fork() == 0:
                    os.setsid()
                    time.sleep(60)
            os._exit(0)
        os.wait()
        print(inside.reap_strays(), "|", inside.reap_strays())
    """
    argv = launch.command("none", [sys.executable, "-c", textwrap.dedent(code)])
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "processes left running: 3 |"


def test_a_process_without_a_plan_is_not_confined(monkeypatch):
    monkeypatch.delenv(PLAN, raising=False)
    with pytest.raises(ConfineError, match="start this process with sandbox.command"):
        lock_down_server()


# The watch outside -------------------------------------------------------------------------------


@linux
def test_memory_shared_by_forked_processes_counts_once():
    code = """
        import os, time
        block = b"x" * (100 << 20)
        for _ in range(3):
            if os.fork() == 0:
                break
        print("ready", flush=True)
        time.sleep(60)
    """
    argv = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(4):
            process.stdout.readline()
        tree = monitor.descendants(process.pid)
        exact = monitor.memory_of_tree(process.pid, exact_above=0)
        quick = monitor.memory_of_tree(process.pid, exact_above=1 << 50)
        message = monitor.excess(process.pid, Limits(tree_memory=50 * MIB))
        fits = monitor.excess(process.pid, Limits(tree_memory=200 * MIB))
        for pid in reversed(tree):
            os.kill(pid, 9)
    assert len(tree) == 4
    assert 100 * MIB < exact < 200 * MIB < 400 * MIB < quick
    assert message == "its processes together used more than 50 MiB of memory"
    assert fits == ""


@linux
@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_what_a_killed_fork_server_left_is_ended():
    """Without a PID namespace nothing else ends a student's helpers then."""
    code = (
        "import os, signal\nfor _ in range(3):\n    if os.fork() == 0:\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        os.setpgid(0, 0)\n"
        "        os.write(1, b'%d\\n' % os.getpid()); signal.pause()\nsignal.pause()"
    )
    argv = [sys.executable, "-c", code]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)
    helpers = [int(process.stdout.readline()) for _ in range(3)]
    assert monitor.without_leader(process.pid) == []  # the leader lives
    process.kill()
    process.wait()
    assert sorted(monitor.without_leader(process.pid)) == sorted(helpers)
    launch.end(process)
    assert monitor.without_leader(process.pid) == []
    process.stdout.close()


def test_files_are_counted_and_measured(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_bytes(os.urandom(MIB))
    (tmp_path / "c").symlink_to("/")
    size, count = monitor.size_of_tree(tmp_path, files_at_most=100)
    assert count == 3
    assert MIB <= size < 2 * MIB
    pid = os.getpid()
    roomy = Limits(tree_memory=1 << 50)
    assert monitor.excess(pid, roomy, tmp_path) == ""
    small = replace(roomy, scratch_size=MIB // 2)
    assert monitor.excess(pid, small, tmp_path) == "its files together took more than 0 MiB"
    few = replace(roomy, scratch_files=2)
    assert monitor.excess(pid, few, tmp_path) == "it made more than 2 files"
    _nest(tmp_path, 60)
    assert "nested too deep" in monitor.excess(pid, roomy, tmp_path)


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="processes is 0; it must be greater than 0"):
        Limits(processes=0)


# The doctor's own words --------------------------------------------------------------------------


def test_the_table_says_what_fails_and_why(monkeypatch, capsys):
    rows = [doctor.Row("no network", True, ""), doctor.Row("no files", False, "read /etc/passwd")]
    monkeypatch.setattr(launch, "probe", lambda tier: "")
    monkeypatch.setattr(doctor, "probe", lambda tier: rows)
    assert doctor.main("bwrap") == 1
    text = capsys.readouterr().out
    assert "FAILS  no files" in text
    assert "read /etc/passwd" in text
    assert "1 of 2 fail" in text
    assert doctor.main("bwrap", as_json=True) == 1
    assert json.loads(capsys.readouterr().out)[1]["detail"] == "read /etc/passwd"


def test_the_doctor_without_a_sandbox_says_so(monkeypatch, capsys):
    assert doctor.main("none") == 1
    monkeypatch.setattr(launch, "probe", lambda tier: "it is not installed.")
    assert doctor.main("auto") == 2
    assert "No sandbox works here" in capsys.readouterr().err


@linux
def test_modes_of_directories_inside_do_not_follow_those_outside():
    argv = launch.command("bwrap", ["python"])
    made = [argv[i + 1] for i, word in enumerate(argv) if word == "--dir"]
    bound = [argv[i + 1] for i, word in enumerate(argv) if word == "--ro-bind"]
    assert str(Path(sys.executable)) in bound
    for path in bound:
        assert {str(parent) for parent in Path(path).parents} - {"/"} <= set(made)
