"""Figures, and objects of libraries that stay with the student: what a check may ask of them."""

import json

import pytest

from autograder.exam import examine
from autograder.result import FAILED, PASSED
from tests.exam.test_wild_courses import cell
from tests.threats.room import notebook, tier

# Cells before the check, the check, a wrong answer in place of the first cell.
DRAWS = (
    "import matplotlib.pyplot as plt\ndef draw():\n    plt.plot([1, 2], [3, 4], label='a')\n"
    "    plt.title('T')\n    plt.xlabel('x')\n    plt.legend()\n    plt.bar([1, 2], [5, 6])"
)
AXES = (
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], [3, 4], 'r--')\n"
    "ax.set_title('T')\nax.scatter([1], [2])\nax.imshow([[1, 2], [3, 4]])"
)
FIT = (
    "import numpy as np\nfrom sklearn.linear_model import LinearRegression\n"
    "model = LinearRegression().fit(np.array([[0.], [1.], [2.]]), np.array([1., 3., 5.]))"
)
CASES = {
    "gca after a call": (
        [DRAWS],
        "import matplotlib.pyplot as plt\ndraw()\nax = plt.gca()\nassert ax.get_title() == 'T'\n"
        "assert ax.get_xlabel() == 'x' and len(ax.lines) == 1\n"
        "assert list(ax.lines[0].get_ydata()) == [3, 4]\n"
        "assert [p.get_height() for p in ax.patches] == [5, 6]\n"
        "assert [t.get_text() for t in ax.get_legend().get_texts()] == ['a']",
        "def draw():\n    import matplotlib.pyplot as plt\n    plt.plot([1, 2], [3, 5])",
    ),
    "gcf and pyplot's questions": (
        [DRAWS],
        "import matplotlib.pyplot as plt\nassert not plt.get_fignums()\ndraw()\nfig = plt.gcf()\n"
        "assert len(fig.axes) == 1 and plt.get_fignums()\nassert plt.xlim()[1] > 2\n"
        "from matplotlib.axes import Axes\nassert isinstance(fig.axes[0], Axes)",
        "def draw():\n    pass",
    ),
    "the next check sees no old figure": (
        [DRAWS],
        "import matplotlib.pyplot as plt\nassert not plt.get_fignums() and not plt.gca().lines\ndraw()",
        "def draw():\n    raise ValueError",
    ),
    "a check's own figure": (
        [DRAWS],
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nassert len(plt.gca().lines) == 1 and draw() is None",
        "def draw():\n    return 1",
    ),
    "named axes": (
        [AXES],
        "import matplotlib\nassert isinstance(ax, matplotlib.axes.Axes)\n"
        "assert isinstance(fig, matplotlib.figure.Figure)\nassert ax.get_title() == 'T'\n"
        "line = ax.get_lines()[0]\nassert (line.get_color(), line.get_linestyle()) == ('r', '--')\n"
        "assert len(ax.collections) == 1 and ax.images[0].get_array().shape == (2, 2)",
        "fig = ax = None",
    ),
    "a fitted estimator": (
        [FIT],
        "import numpy as np\nfrom sklearn.base import BaseEstimator\nfrom sklearn.linear_model import LinearRegression\n"
        "assert isinstance(model, LinearRegression) and isinstance(model, BaseEstimator)\n"
        "assert np.allclose(model.coef_, 2) and np.allclose(model.predict([[4.]]), 9)\n"
        "assert hasattr(model, 'intercept_') and not hasattr(model, 'classes_')\n"
        "assert 'coef_' in dir(model) and model.get_params()['fit_intercept']",
        FIT.replace("5.]", "6.]"),
    ),
    "a result of scipy": (
        ["from scipy.optimize import minimize\nres = minimize(lambda x: ((x - 3) ** 2).sum(), [0.])"],
        "from scipy.optimize import OptimizeResult\nassert res.success and abs(res.x[0] - 3) < 1e-3\n"
        "assert isinstance(res, OptimizeResult) and res['nit'] > 0",
        "from scipy.optimize import minimize\nres = minimize(lambda x: ((x - 2) ** 2).sum(), [0.])",
    ),
    "a test of scipy": (
        ["from scipy import stats\nt = stats.ttest_1samp([1, 2, 3, 4.], 2)"],
        "assert 0 < t.pvalue < 1 and t.statistic > 0\nstatistic, p = t\nassert p == t.pvalue",
        "t = (1,)",
    ),
    "a graph": (
        ["import networkx as nx\nG = nx.path_graph(4)\ndef far(G):\n    return nx.diameter(G)"],
        "import networkx as nx\nassert isinstance(G, nx.Graph) and list(G.edges) == [(0, 1), (1, 2), (2, 3)]\n"
        "assert nx.is_isomorphic(G, nx.path_graph(4)) and far(nx.path_graph(6)) == 5",
        "import networkx as nx\nG = nx.path_graph(5)\ndef far(G):\n    return 1",
    ),
    "an expression of sympy": (
        ["import sympy\nx = sympy.symbols('x')\ne = sympy.expand((x + 1) ** 2)"],
        "assert str(e) == 'x**2 + 2*x + 1' and e.subs('x', 2).evalf().is_number\nassert hasattr(e, 'diff')",
        "import sympy\ne = sympy.Symbol('y')",
    ),
    "a picture": (
        ["from PIL import Image\nimg = Image.new('RGB', (4, 2), (9, 8, 7))\ndef grey(im):\n    return im.convert('L')"],
        "from PIL import Image\nassert isinstance(img, Image.Image) and img.size == (4, 2)\n"
        "assert img.getpixel((1, 1)) == (9, 8, 7)\nassert grey(img).mode == 'L'",
        "from PIL import Image\nimg = Image.new('L', (4, 2))\ndef grey(im):\n    return im",
    ),
    "tables as arguments and results": (
        ["import pandas as pd\ndef clean(df):\n    return df.dropna().groupby('k', as_index=False).v.sum()\ndef add(df):\n    df['w'] = 2 * df['v']"],
        "import pandas as pd\ndf = pd.DataFrame({'k': ['a', 'b', 'a'], 'v': [1., None, 3.]})\nout = clean(df)\n"
        "pd.testing.assert_frame_equal(out, pd.DataFrame({'k': ['a'], 'v': [4.]}))\n"
        "assert type(out) is pd.DataFrame and out.v.dtype == 'float64'\nadd(df)\nassert list(df.columns) == ['k', 'v', 'w']",
        "def clean(df):\n    return df\ndef add(df):\n    return df",
    ),
    "named tuples": (
        ["from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef flip(p):\n    return P(p.y, p.x)"],
        "assert P(1, 2).y == 2 and flip(P(1, 2)) == (2, 1) and flip(P(3, 4)).x == 4\nassert P(1, 2)._asdict() == {'x': 1, 'y': 2}",
        "P = tuple\ndef flip(p):\n    return p",
    ),
}  # fmt: skip
LIBRARIES = {
    "a graph": "networkx", "an expression of sympy": "sympy", "a picture": "PIL",
    "tables as arguments and results": "pandas", "a result of scipy": "scipy", "a test of scipy": "scipy",
    "a fitted estimator": "sklearn",
}  # fmt: skip


def graded(cells, check, answer=None):
    source = [
        *(cell("solution", f"s{place}", text) for place, text in enumerate(cells)),
        cell("test", "before", "assert True"),
        cell("test", "check", check),
    ]
    handed = source if answer is None else [cell("solution", "s0", answer), *source[1:]]
    submission = json.dumps(notebook(handed)).encode()
    return examine(notebook(source), submission, isolation=tier(), strict=True).checks[1]


@pytest.mark.parametrize("case", CASES)
def test_it_answers_in_two_processes(case):
    pytest.importorskip(LIBRARIES.get(case, "numpy"))
    cells, check, wrong = CASES[case]
    right = graded(cells, check)
    assert (right.status, right.message) == (PASSED, "")
    assert graded(cells, check, wrong).status == FAILED


def test_objects_of_given_classes():
    source = [
        cell("given", "g", "class Shape:\n    def area(self):\n        return 0"),
        cell("solution", "s", "class Square(Shape):\n    def area(self):\n        return 4\nq = Square()\np = Shape()"),
        cell("test", "check", "assert isinstance(q, Shape) and isinstance(q, Square) and q.area() == 4\nassert isinstance(p, Shape) and not isinstance(p, Square)\nassert q.__class__.__name__ == 'Square'"),
    ]  # fmt: skip
    handed = json.dumps(notebook(source)).encode()
    (check,) = examine(notebook(source), handed, isolation=tier(), strict=True).checks
    assert (check.status, check.message) == (PASSED, "")


LIES = [
    "class DataFrame:\n    def equals(self, other):\n        return True\nDataFrame.__module__ = 'pandas'\nx = DataFrame()",
    "class float64:\n    pass\nfloat64.__module__ = 'numpy'\nx = float64()",
    "class Proxy:\n    pass\nProxy.__module__ = 'autograder.exam.examiner.proxies'\nx = Proxy()",
    "class int:\n    pass\nint.__module__ = 'builtins'\nx = int()",
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_an_object_cannot_claim_to_be_data(lie):
    pytest.importorskip("pandas")
    check = "import numbers\nimport numpy as np\nimport pandas as pd\nassert isinstance(x, (pd.DataFrame, np.generic, numbers.Number, str))"
    assert (
        graded(["import pandas as pd\nx = pd.DataFrame({'a': [1]})"], check, lie).status == FAILED
    )
