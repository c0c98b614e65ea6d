"""What an honest notebook does with files, processes and libraries works in the sandbox, or says why.

``test_landlock_installed.py`` runs this file again as an ordinary user, with Landlock.
"""

import pytest

from autograder.exam import examine
from autograder.sandbox import launch
from tests.threats.room import FULL, SOURCE, data_of, printed, scores, with_cell

WORKS = """
(open('a', 'w').write('x' * 99_999), shutil.copy('a', 'b'), shutil.copy2('a', 'c'), len(open('c').read()))[-1] == 99_999
shutil.copytree('.', 'copied') == 'copied'
shutil.make_archive('all', 'zip', 'copied').endswith('all.zip')
os.chmod('a', 0o600) is None
fcntl.lockf(open('a', 'w'), fcntl.LOCK_EX) is None
(base := sqlite3.connect('data.db')).execute('create table t (a)') is not None
(base.execute('insert into t values (3)'), base.commit(), sqlite3.connect('data.db').execute('select a from t').fetchall())[-1] == [(3,)]
base.execute('pragma journal_mode=wal').fetchone() == ('wal',)
np.memmap('m', float, 'w+', shape=5).sum() == 0
(np.save('n.npy', np.ones(4)), np.load('n.npy', mmap_mode='r').sum())[-1] == 4
tempfile.NamedTemporaryFile().write(b'x') == 1
list(ThreadPoolExecutor(2).map(abs, [-1, 2])) == [1, 2]
asyncio.new_event_loop().run_until_complete(asyncio.sleep(0.01, 5)) == 5
Parallel(n_jobs=2)(delayed(abs)(n) for n in (-1, 2)) == [1, 2]
KMeans(2, n_init=1).fit(np.arange(8.0).reshape(4, 2)).inertia_ > 0
cross_val_score(LogisticRegression(), np.arange(40.0)[:, None], np.arange(40) % 20 > 9, n_jobs=-1).size == 5
getpass.getuser() == 'student'
(signal.signal(signal.SIGALRM, lambda *_: None), signal.setitimer(signal.ITIMER_REAL, 0.01), time.sleep(0.05))[-1] is None
(pid := os.fork()) or os._exit(3)
os.waitpid(pid, 0)[1] == 3 << 8
""".strip().splitlines()
SAYS = {  # what cannot be had -> what the exception says
    "multiprocessing.Pool(2)": "cannot share locks",
    "multiprocessing.pool.ThreadPool(2)": "Use threads",
    "multiprocessing.Queue()": "compute in one process",
    "ProcessPoolExecutor(2).submit(abs, 1)": "Use threads",
    "multiprocessing.shared_memory.SharedMemory(create=True, size=9)": "cannot share locks",
    "multiprocessing.Value('i', 0)": "Use threads",
    "multiprocessing.Array('d', 3)": "cannot share locks",
    "multiprocessing.Manager()": "compute in one process",
    "multiprocessing.get_context('fork').Manager()": "compute in one process",
    "subprocess.run(['echo', 'x'])": "no other programs are run",
    "os.popen('ls').read()": "no other programs are run",
    "getpass.getpass()": "use a variable instead",
}
PASSED_BY = {  # what nobody waits for -> what it prints
    "os.system('ls') == 32512": "Shell commands are not run",
    "breakpoint() is None": "A breakpoint was passed by",
    "pdb.set_trace() is None": "A breakpoint was passed by",
}
HEAD = """
import asyncio, fcntl, getpass, multiprocessing.pool, multiprocessing.shared_memory, os, shutil, signal
import pdb, sqlite3, subprocess, tempfile, time, numpy as np
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from joblib import Parallel, delayed
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
"""


@pytest.fixture(params=["bwrap", "landlock"])
def tier(request):
    if problem := launch.probe(request.param):
        pytest.skip(f"{request.param}: {problem}")
    return request.param


def attempt(lines, tier):
    text = HEAD + "".join(
        f"try: print({place}, {line})\nexcept Exception as error: print({place}, repr(error))\n"
        for place, line in enumerate(lines)
    )
    result = examine(SOURCE, data_of(with_cell(1, text)), isolation=tier, seed="secret")
    assert scores(result) == FULL
    return dict(line.split(" ", 1) for line in printed(result).splitlines() if line[:1].isdigit())


def test_what_usual_libraries_do_works(tier):
    found = attempt(WORKS, tier)
    for place, line in enumerate(WORKS):
        assert found[str(place)] not in ("False", "0") and "rror" not in found[str(place)], (
            line, found[str(place)])  # fmt: skip


def test_what_is_not_here_says_so_in_one_line(tier):
    found = attempt(SAYS, tier)
    for place, (line, said) in enumerate(SAYS.items()):
        assert said in found[str(place)], (line, found[str(place)])


def test_what_nobody_can_wait_for_is_passed_by(tier):
    for line, said in PASSED_BY.items():
        text = f"import os, pdb, sys\nsys.stderr = sys.stdout\nprint({line})"
        result = examine(SOURCE, data_of(with_cell(1, text)), isolation=tier, seed="secret")
        assert said in printed(result) and "True" in printed(result), line
        assert scores(result) == FULL
