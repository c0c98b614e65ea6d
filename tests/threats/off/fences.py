"""The sandbox, and what one submission leaves for the next."""

ROLE = "test"  # or "examiner", "student"
FOLDER = ""  # the test's own


def no_sandbox():
    """Isolation "none"."""
    from autograder.sandbox import launch

    patch(launch, "choose", lambda requested="auto": "none")


def folder_shown():
    """bubblewrap, with the test's folder shown in it, writable."""
    from pathlib import Path

    from autograder.sandbox import launch

    whole = launch._bwrap

    def showing(*arguments):
        name, *options = whole(*arguments)
        way = [
            word
            for parent in [*reversed(Path(FOLDER).parents)][1:]
            for word in ("--perms", "0755", "--dir", str(parent))
        ]
        return [name, *way, "--bind", FOLDER, FOLDER, *options]

    patch(launch, "_bwrap", showing)


def leftovers_stay():
    from autograder.sandbox import inside

    patch(inside, "reap_strays", lambda: "")


def one_process_for_all():
    """The warm process runs the notebooks itself instead of forking for each."""
    import os
    import socket

    from autograder.exam import forkserver

    class Control:
        """The control socket: when the answer to "fork" is out, the notebook is run here."""

        def __init__(self, there, control):
            self.there, self.control, self.place = there, control, None

        def __getattr__(self, name):
            return getattr(self.control, name)

        def send(self, data):
            from autograder.exam.protocol.channel import Channel
            from autograder.exam.student import executor
            from autograder.sandbox.limits import Limits

            self.control.send(data)
            place, self.place = self.place, None
            if place is not None:
                channel = Channel(socket.socket(fileno=place))
                executor.serve(channel, self.there.shell, Limits())

    begin = forkserver.ForkServer.__init__

    def start(self, role, control, *rest):
        begin(self, role, control, *rest)
        self.control = Control(self, control)

    def fork(self, request, descriptors):
        self.control.place = os.dup(descriptors[0])
        return {"pid": 0}

    if ROLE == "student":
        patch(forkserver.ForkServer, "__init__", start)
        patch(forkserver.ForkServer, "fork", fork)


def pipe_in_reach():
    from autograder.exam import forkserver

    patch(forkserver, "_silence", lambda: None)


def nobody_reads_the_pipe():
    from autograder.exam.server_process import StderrTail

    if ROLE == "test":
        patch(StderrTail, "_drain", lambda self: None)


def work_folder_first():
    """The work folder is the first place of imports, and nothing was imported before."""
    import sys

    from autograder.exam.student import executor

    sit = executor.serve

    def late(*arguments):
        sys.path.insert(0, "")
        for name in [*sys.modules]:
            if name.partition(".")[0] in ("mlpkit", "random"):
                del sys.modules[name]
        sit(*arguments)

    patch(executor, "serve", late)


def leans_on_the_work_folder():
    """The harness keeps a file where the student's cells run."""
    from autograder.exam.student import executor

    run = executor.StudentExecutor.run

    def leaning(self, cell_id, *rest):
        if self.number == 1:
            open("harness", "w").close()
        open("harness").close()
        run(self, cell_id, *rest)

    patch(executor.StudentExecutor, "run", leaning)


def shared_pages_allowed():
    from autograder.sandbox import seccomp

    seccomp.server_program.cache_clear()
    patch(seccomp, "_deny_hidden_memory", lambda rules: None)


def allowed(*calls):
    """System calls that the filter refuses by name."""
    from autograder.sandbox import seccomp

    seccomp.server_program.cache_clear()
    patch(seccomp, "FORBIDDEN", [name for name in seccomp.FORBIDDEN if name not in calls])


def mappings_without_number():
    from autograder.sandbox import monitor

    patch(monitor, "MAX_MAPS", 1 << 24)


def one_name_for_each_file():
    from autograder.sandbox import visible_paths

    patch(visible_paths, "linked_again", lambda secrets, shown: ())
