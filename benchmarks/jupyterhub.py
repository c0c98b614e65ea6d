"""A class of two on a JupyterHub with nbgrader's exchange, from release to the student's page.

As root, with this package and JupyterHub where those users can read them, and in PATH
configurable-http-proxy:

python -m benchmarks.jupyterhub INSTRUCTOR STUDENT

Both are accounts of this machine. The hub starts their servers as these users
(LocalProcessSpawner); the student works through the server extension behind nbgrader's list of
assignments, the instructor through formgrader's and our commands. Files are made in both homes and
in a temporary folder.
"""

import json
import os
import pwd
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COURSE, ASSIGNMENT, PORT = "backpropagation", "00_wires", 8055
PATIENCE = 300.0  # seconds for a server to start
CONFIG = """\
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {port} + 2
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{port_after}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": {shared!r}, "PATH": {path!r}}}
c.Spawner.start_timeout = c.Spawner.http_timeout = {patience}
c.JupyterHub.services = [{{"name": "lecturer", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "lecturer", "scopes": ["admin:users", "admin:servers", "access:servers"],
      "services": ["lecturer"]}}
]
"""


def main(instructor: str, student: str) -> None:
    """Play it, and say each step; AssertionError where one does not do what it should."""
    with tempfile.TemporaryDirectory(dir="/srv") as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "exchange").mkdir()
        (root / "exchange").chmod(0o777)
        course = Path(pwd.getpwnam(instructor).pw_dir) / "course"
        shared, own = root / "jupyter", course.parent / ".jupyter"
        shared.mkdir()
        (shared / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.Exchange.root = {str(root / 'exchange')!r}\n"
            f"c.CourseDirectory.course_id = {COURSE!r}\n"
        )
        run(instructor, shared, f"autograder init {course}")
        run(instructor, shared, f"mkdir -p {own}")
        line = f"c = get_config()\nc.CourseDirectory.root = {str(course)!r}\n"
        run(instructor, shared, f"tee {own}/nbgrader_config.py", line)
        with hub(root, shared) as call:
            for name in (instructor, student):
                call(f"hub/api/users/{name}", "POST")
                start(call, name)
            play(call, instructor, student, course, shared)


def play(call: Any, instructor: str, student: str, course: Path, shared: Path) -> None:
    """From release to the page."""
    form = f"user/{instructor}/formgrader/api/assignment/{ASSIGNMENT}"
    said("release (formgrader)", call(f"{form}/release", "POST", {}))
    lists = f"user/{student}/assignments"
    what = {"course_id": COURSE, "assignment_id": ASSIGNMENT}
    said("fetch (assignment list)", call(f"{lists}/fetch", "POST", what))
    path = f"user/{student}/api/contents/{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
    notebook = call(path, "GET")["content"]
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "values")
    cell["source"] = (
        "def values(x, y, z):\n    q, m = x + y, max(y, z)\n    return q, m, q * z, q * z + m\n"
    )
    call(path, "PUT", {"type": "notebook", "format": "json", "content": notebook})
    said("submit (assignment list)", call(f"{lists}/submit", "POST", what))
    said("collect (formgrader)", call(f"{form}/collect", "POST", {}))
    run(instructor, shared, f"autograder grade {course} {ASSIGNMENT} --enrol")
    run(instructor, shared, f"autograder feedback {course} {ASSIGNMENT}")
    said("release feedback (formgrader)", call(f"{form}/release_feedback", "POST", {}))
    listed = said("fetch feedback (list)", call(f"{lists}/fetch_feedback", "POST", what))
    (entry,) = [one for one in listed["value"] if one["status"] == "submitted"]
    (submission,) = entry["submissions"]
    assert submission["has_local_feedback"], submission
    folder = Path(pwd.getpwnam(student).pw_dir) / ASSIGNMENT / "feedback"
    (page,) = folder.glob(f"*/{ASSIGNMENT}.html")
    written = course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert page.read_bytes() == written.read_bytes()
    assert page.owner() == student
    name = urllib.parse.quote(str(page.relative_to(folder.parents[1])))
    content = call(f"user/{student}/api/contents/{name}", "GET")
    print(f"{student} reads {page}: {len(content['content'])} characters of HTML")


def said(step: str, answer: Any) -> Any:
    """Print a step; AssertionError where nbgrader says that it failed."""
    assert not isinstance(answer, dict) or answer.get("success", True), (step, answer)
    print(step, "done", flush=True)
    return answer


def run(user: str, shared: Path, command: str, text: str = "") -> None:
    """A command of that user, in their home."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "JUPYTER_CONFIG_PATH": str(shared), "LANG": "C.UTF-8"}
    account = pwd.getpwnam(user)
    done = subprocess.run(
        command.split(), user=user, group=account.pw_gid, extra_groups=[], cwd=account.pw_dir,
        env=environment | {"HOME": account.pw_dir, "USER": user},
        input=text, text=True, capture_output=True,
    )  # fmt: skip
    assert done.returncode in (0, 1), (command, done.stdout, done.stderr)
    print(f"{user}$ {command}\n{done.stdout.rstrip()}", flush=True)


@contextmanager
def hub(root: Path, shared: Path) -> Iterator[Any]:
    """A JupyterHub on loopback; yields ``call(path, method, body)``, its API for the lecturer."""
    token = secrets.token_hex(16)
    environment = {**os.environ, "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32)}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    (root / "hub").mkdir(mode=0o700)
    config = CONFIG.format(
        port=PORT, port_after=PORT + 1, python=sys.executable, shared=str(shared), path=path,
        token=token, patience=int(PATIENCE),
    )  # fmt: skip
    (root / "hub" / "jupyterhub_config.py").write_text(config)

    def call(path: str, method: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/{path}",
            data=data,
            method=method,
            headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    with open(root / "hub" / "log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub"],
            cwd=root / "hub", env=environment | {"PATH": path}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait(lambda: call("hub/api/", "GET"), "JupyterHub", root / "hub" / "log")
        yield call
    finally:
        server.terminate()
        server.wait()


def start(call: Any, user: str) -> None:
    """Start the user's server and wait until it answers."""
    call(f"hub/api/users/{user}/server", "POST")
    wait(lambda: call(f"user/{user}/api/status", "GET"), f"the server of {user}")


def wait(ready: Any, what: str, log: Path | None = None) -> None:
    """Until ``ready()`` raises no error."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            ready()
            return
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > end:
                raise AssertionError(
                    f"{what}: {error}\n{log.read_text()[-3000:] if log else ''}"
                ) from error
        time.sleep(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
