"""What one submission may use: plain numbers, the same on both sides of the sandbox."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """Bounds on one student process, the process that runs a student's cells.

    Sizes are bytes, times are seconds of wall clock except ``cpu_seconds``. The kernel holds
    the first group; the processes around the student process hold the rest.

    memory            address space of each process (RLIMIT_AS): past it, MemoryError
    tree_memory       memory of all the student's processes together; where there is a memory
                      cgroup, of the kernel's for them, too
    tree_cpu_seconds  CPU time of all of them together
    processes         processes and threads the student process may have at once, itself among them
    file_size         one file (RLIMIT_FSIZE): past it, OSError
    scratch_size      all files in /tmp together: past it, OSError "no space left"
    scratch_files     how many files and directories /tmp may hold
    open_files        open descriptors of one process
    stack             stack of one process
    cpu_seconds       CPU time of each process: past it, the process is killed

    call_seconds      one call of a student's function
    cell_seconds      one cell
    notebook_seconds  the whole notebook, replays included
    output_bytes      what one cell may print and display; the rest is cut
    notebook_bytes    what all cells together may print and display; the rest is cut
    """

    memory: int = 2 * GIB
    tree_memory: int = 3 * GIB
    tree_cpu_seconds: int = 300
    processes: int = 32
    file_size: int = 64 * MIB
    scratch_size: int = 64 * MIB
    scratch_files: int = 4096
    open_files: int = 128
    stack: int = 8 * MIB
    cpu_seconds: int = 240

    call_seconds: float = 10.0
    cell_seconds: float = 30.0
    notebook_seconds: float = 120.0
    output_bytes: int = 2 * MIB
    notebook_bytes: int = 8 * MIB

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"limit {name} is {value}; it must be greater than 0")

    @property
    def hidden_seconds(self) -> float:
        """What hidden tests, which run last, have in any case, however slow the notebook was."""
        return self.notebook_seconds / 4
