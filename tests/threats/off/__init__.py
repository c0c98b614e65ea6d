"""The layers of the exam, each switched off: what the tests of this folder must then notice.

The texts of these modules are run together in the test's own process and in those of the grader
(``switch``), with ``ROLE`` (test, examiner, candidate) and ``FOLDER`` (the test's, if it has one)
set; so each function brings its imports along. Nothing here is reachable from the product.
"""

from pathlib import Path

TEXT = "\n\n".join(path.read_text() for path in sorted(Path(__file__).parent.glob("[a-z]*.py")))
