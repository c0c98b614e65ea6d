"""What happens to honest people."""

ROLE = "test"  # or "examiner", "student"


def no_answer_to_input():
    import builtins

    from autograder.exam.shell import shell

    patch(shell, "_no_input", builtins.input)


def stderr_counts():
    """What is written to stderr during a check fails it, as with nbgrader."""
    from autograder.exam.student.printed import Discarded

    def write(self, text):
        raise RuntimeError("something was written")

    patch(Discarded, "write", write)


def shown_with_the_next_cell():
    """What a check makes a function show is shown by the cell after it."""
    from autograder.exam.examiner import examiner
    from autograder.exam.shell.capture import Outputs
    from autograder.exam.student import executor

    run = executor.run_cell

    def showing(shell, *arguments, **options):
        late = shell.capture.outputs.items
        outcome = run(shell, *arguments, **options)
        patch(shell.capture, "outputs", Outputs(1 << 20))
        outcome.outputs[:0] = late
        return outcome

    patch(executor, "run_cell", showing)
    patch(examiner, "run_cell", showing)


def windows():
    """%matplotlib asks for what the student named."""
    from autograder.exam.shell import shell as shells

    build = shells.build_shell

    def with_windows(figures=True):
        shell = build(figures)
        del shell.ipython.enable_matplotlib
        return shell

    patch(shells, "build_shell", with_windows)


def only_python():
    """Cells with magics are run as Python."""
    from IPython.core.interactiveshell import InteractiveShell

    run = InteractiveShell.run_cell

    def plain(self, source, **options):
        compile(source, "<cell>", "exec")
        return run(self, source, **options)

    if ROLE == "student":
        patch(InteractiveShell, "run_cell", plain)


def shell_commands_run():
    import os

    from autograder.exam.shell import shell

    patch(shell, "_no_system", lambda command, **options: os.system(command))
