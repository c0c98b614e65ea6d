"""What courses with tables, models, files and mocks ask of a grader, one feature each.

Written down before any was tried, as in ``test_course_kinds.py``.
"""

import pytest

from autograder.result import BESIDE
from tests.exam.test_course_kinds import graded

# Given, solution, check, and a wrong solution.
CASES = {
    "two tables merged": (
        "import pandas as pd\nleft = pd.DataFrame({'id': [1, 2, 3], 'a': [1.0, 2, 3]})\nright = pd.DataFrame({'id': [2, 3, 4], 'b': ['x', 'y', 'z']})",
        "both = left.merge(right, on='id', how='outer', indicator=True)\ninner = pd.merge(left, right)",
        "assert both.shape == (4, 4) and both['_merge'].value_counts()['both'] == 2\nassert isinstance(both['_merge'].dtype, pd.CategoricalDtype)\npd.testing.assert_frame_equal(inner, pd.DataFrame({'id': [2, 3], 'a': [2.0, 3], 'b': ['x', 'y']}))",
        "both = left.merge(right, on='id', how='left', indicator=True)\ninner = pd.merge(left, right)",
    ),
    "a table of margins": (
        "import numpy as np, pandas as pd\nsales = pd.DataFrame({'city': list('aabb'), 'year': [1, 2, 1, 2], 'sold': [1, 2, 3, 4]})",
        "wide = sales.pivot_table(index='city', columns='year', values='sold', aggfunc='sum', margins=True)\ncounts = pd.crosstab(sales.city, sales.year)",
        "assert wide.loc['All', 'All'] == 10 and wide.columns.name == 'year'\nassert wide.index.tolist() == ['a', 'b', 'All'] and (counts.to_numpy() == 1).all()\nnp.testing.assert_array_equal(wide.loc['a'].values, [1, 2, 3])",
        "wide = sales.pivot_table(index='city', columns='year', values='sold', aggfunc='mean', margins=True)\ncounts = None",
    ),
    "named aggregates of groups": (
        "import pandas as pd\ndf = pd.DataFrame({'k': list('aabb'), 'j': [0, 1, 0, 1], 'v': [1, 2, 3, 5]})",
        "summary = df.groupby('k').agg(low=('v', 'min'), span=('v', lambda v: v.max() - v.min()))\ntwo = df.groupby(['k', 'j'])['v'].sum().unstack()\ntop = df.groupby('k')[['v']].apply(lambda g: g.nlargest(1, 'v'))",
        "assert summary.span.to_dict() == {'a': 1, 'b': 2} and list(summary) == ['low', 'span']\nassert two.loc['b', 1] == 5 and top.index.nlevels == 2 and top.v.tolist() == [2, 5]",
        "summary = df.groupby('k').agg(low=('v', 'min'), span=('v', 'max'))\ntwo = df\ntop = df",
    ),
    "categories in their order": (
        "import pandas as pd",
        "size = pd.Categorical(['S', 'L', 'M'], categories=['S', 'M', 'L'], ordered=True)\ns = pd.Series(size)\nbins = pd.cut(pd.Series([1, 5, 9]), [0, 3, 10], labels=['few', 'many'])",
        "assert s.max() == 'L' and s.cat.codes.tolist() == [0, 2, 1] and s.cat.ordered and size.categories[0] == 'S'\nassert s.sort_values().tolist() == ['S', 'M', 'L'] and bins.tolist() == ['few', 'many', 'many'] and bins.dtype == 'category'",
        "s = pd.Series(['S', 'L', 'M'])\nsize = s\nbins = pd.cut(pd.Series([1, 5, 9]), [0, 3, 10])",
    ),
    "dates with a zone in an index": (
        "import pandas as pd",
        "def local(stamps):\n    return pd.DatetimeIndex(stamps, tz='UTC').tz_convert('Europe/Paris')\ntimes = local(['2024-07-01 12:00', '2024-12-01 12:00'])\ngap = times[1] - times[0]\nmonth = pd.Period('2024-02', 'M')",
        "assert times.hour.tolist() == [14, 13] and str(times.tz) == 'Europe/Paris' and gap == pd.Timedelta(days=153)\nassert isinstance(times[0], pd.Timestamp) and month.days_in_month == 29 and (month + 1).start_time == pd.Timestamp('2024-03-01')\nassert local(['2024-01-01'])[0].utcoffset().total_seconds() == 3600",
        "def local(stamps):\n    return pd.DatetimeIndex(stamps)\ntimes = local(['2024-07-01 12:00', '2024-12-01 12:00'])\ngap = 0\nmonth = pd.Period('2024-02', 'M')",
    ),
    "numbers that may be missing": (
        "import pandas as pd",
        "n = pd.array([1, None, 3], dtype='Int64')\nflags = pd.Series([True, None], dtype='boolean')\ndef fill(s):\n    return s.fillna(s.mean())",
        "assert n[1] is pd.NA and n.sum() == 4 and str(n.dtype) == 'Int64' and flags.isna().tolist() == [False, True]\nassert fill(pd.Series([1.0, None, 3])).tolist() == [1, 2, 3]\nassert pd.isna(n[1]) and flags.dtype == pd.BooleanDtype()",
        "n = pd.Series([1, None, 3])\nflags = pd.Series([True, None])\ndef fill(s):\n    return s",
    ),
    "levels of columns": (
        "import pandas as pd",
        "df = pd.DataFrame([[1, 2, 3, 4]], columns=pd.MultiIndex.from_product([['a', 'b'], ['x', 'y']], names=['out', 'in']))\nlong = df.stack(level='in', future_stack=True)\ncut = df.xs('y', axis=1, level='in')",
        "assert df['b'].loc[0, 'y'] == 4 and df.columns.get_level_values(0).unique().tolist() == ['a', 'b']\nassert long.shape == (2, 2) and cut.to_dict('records') == [{'a': 2, 'b': 4}]\nassert df.loc[:, pd.IndexSlice[:, 'x']].sum(axis=1)[0] == 4",
        "df = pd.DataFrame([[1, 2, 3, 4]], columns=['ax', 'ay', 'bx', 'by'])\nlong = df\ncut = df",
    ),
    "a table read from a file": (
        "import pandas as pd\nwith open('weather.csv', 'w') as f:\n    f.write('day;rain\\n2024-01-01;1,5\\n2024-01-02;-\\n')",
        "def load(path):\n    return pd.read_csv(path, sep=';', decimal=',', na_values='-', parse_dates=['day'], index_col='day')\nweather = load('weather.csv')\nweather.to_json('weather.json', orient='split')",
        "import io, json, os\nassert weather.rain.isna().sum() == 1 and weather.index.dtype.kind == 'M' and weather.loc['2024-01-01', 'rain'] == 1.5\nassert load(io.StringIO('day;rain\\n2024-05-05;2\\n')).rain.iloc[0] == 2\nassert os.path.exists('weather.json') and json.load(open('weather.json'))['columns'] == ['rain']",
        "def load(path):\n    return pd.read_csv(path)\nweather = load('weather.csv')",
    ),
    "two axes and a bar chart": (
        "import matplotlib.pyplot as plt",
        "fig, left = plt.subplots()\nbars = left.bar(['a', 'b'], [3, 5], color='green')\nright = left.twinx()\nright.plot([0, 1], [10, 20], 'r--', label='rate')\nright.set_ylabel('rate')\nleft.set_xticks([0, 1], ['A', 'B'])",
        "from matplotlib.colors import to_rgba\nassert [b.get_height() for b in bars] == [3, 5] and bars[0].get_facecolor() == to_rgba('green')\nassert len(fig.axes) == 2 and right.get_ylabel() == 'rate' and right.lines[0].get_linestyle() == '--'\nassert [t.get_text() for t in left.get_xticklabels()] == ['A', 'B'] and left.get_shared_x_axes().joined(left, right)",
        "fig, left = plt.subplots()\nbars = left.bar(['a', 'b'], [3, 4])\nright = left",
    ),
    "an image, its colours and a saved figure": (
        "import matplotlib.pyplot as plt, numpy as np",
        "fig, ax = plt.subplots(figsize=(2, 1), dpi=50)\nimage = ax.imshow(np.eye(3), cmap='gray', vmin=0, vmax=2)\nbar = fig.colorbar(image)\nfig.savefig('eye.png')\nplt.close(fig)",
        "import os\nassert image.get_array().sum() == 3 and image.get_cmap().name == 'gray' and image.get_clim() == (0, 2)\npixels = plt.imread('eye.png')\nassert pixels.shape == (50, 100, 4) and os.path.getsize('eye.png') > 100",
        "fig, ax = plt.subplots()\nimage = ax.imshow(np.eye(3))",
    ),
    "a histogram's numbers": (
        "import matplotlib.pyplot as plt, numpy as np\ndata = np.arange(10) % 4",
        "counts, edges, patches = plt.hist(data, bins=4)\nplt.yscale('log')\nplt.xlim(0, 3)\nplt.grid(True)\nax = plt.gca()",
        "assert counts.tolist() == [3, 3, 2, 2] and len(edges) == 5 and len(patches) == 4\nassert ax.get_yscale() == 'log' and ax.get_xlim() == (0, 3)",
        "counts, edges, patches = plt.hist(data, bins=5)\nax = plt.gca()",
    ),
    "a pipeline and a search over it": (
        "import numpy as np\nfrom sklearn.datasets import make_classification\nX, y = make_classification(60, n_features=4, random_state=0)",
        "from sklearn.pipeline import Pipeline\nfrom sklearn.preprocessing import StandardScaler\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import GridSearchCV\npipe = Pipeline([('scale', StandardScaler()), ('model', LogisticRegression())])\nsearch = GridSearchCV(pipe, {'model__C': [0.01, 1.0]}, cv=3).fit(X, y)",
        "from sklearn.base import is_classifier\nassert set(search.best_params_) == {'model__C'} and search.best_score_ > 0.7 and list(pipe.named_steps) == ['scale', 'model']\np = search.predict_proba(X[:3])\nassert p.shape == (3, 2) and np.allclose(p.sum(axis=1), 1) and is_classifier(search.best_estimator_)\nassert isinstance(search, GridSearchCV) and search.cv_results_['mean_test_score'].shape == (2,)",
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import GridSearchCV\npipe = LogisticRegression()\nsearch = GridSearchCV(pipe, {'C': [1.0]}, cv=3).fit(X, y)",
    ),
    "an estimator of the student's class": (
        "import numpy as np\nfrom sklearn.base import BaseEstimator, ClassifierMixin",
        "class Majority(ClassifierMixin, BaseEstimator):\n    def __init__(self, shift=0):\n        self.shift = shift\n    def fit(self, X, y):\n        self.classes_, counts = np.unique(y, return_counts=True)\n        self.best_ = self.classes_[counts.argmax()]\n        return self\n    def predict(self, X):\n        return np.full(len(X), self.best_ + self.shift)",
        "from sklearn.base import clone\nfrom sklearn.model_selection import cross_val_score\nX, y = np.zeros((9, 1)), np.array([0, 1, 1] * 3)\nm = Majority().fit(X, y)\nassert m.predict(X[:2]).tolist() == [1, 1] and m.score(X, y) == 2 / 3\nassert clone(Majority(shift=2)).get_params() == {'shift': 2} and cross_val_score(Majority(), X, y, cv=3).mean() > 0.6",
        "class Majority:\n    def fit(self, X, y):\n        return self\n    def predict(self, X):\n        return np.zeros(len(X))",
    ),
    "a model kept in a file": (
        "import joblib, numpy as np, pickle\nfrom sklearn.linear_model import LinearRegression\nX = np.arange(6.0).reshape(-1, 1)",
        "model = LinearRegression().fit(X, 3 * X[:, 0] + 1)\njoblib.dump(model, 'model.joblib')\nwith open('model.pkl', 'wb') as f:\n    pickle.dump({'w': model.coef_}, f)",
        "again = joblib.load('model.joblib')\nassert np.isclose(again.coef_[0], 3) and np.isclose(again.intercept_, 1)\nassert np.isclose(pickle.load(open('model.pkl', 'rb'))['w'], 3).all()",
        "model = LinearRegression().fit(X, 2 * X[:, 0] + 1)\njoblib.dump(model, 'model.joblib')",
    ),
    "splines, roots and integrals": (
        "import numpy as np\nfrom scipy import integrate, interpolate, optimize",
        "x = np.linspace(0, 3, 20)\nspline = interpolate.CubicSpline(x, np.sin(x))\nroot = optimize.root_scalar(np.cos, bracket=[1, 2])\narea, error = integrate.quad(lambda t: t ** 2, 0, 3)\nfit, cov = optimize.curve_fit(lambda t, a, b: a * t + b, x, 2 * x + 1)\nbest = optimize.minimize(lambda v: ((v - 1) ** 2).sum(), np.zeros(2))",
        "assert abs(spline(1.0) - np.sin(1)) < 1e-4 and abs(spline.derivative()(0.5) - np.cos(0.5)) < 1e-2\nassert root.converged and abs(root.root - np.pi / 2) < 1e-9 and abs(area - 9) < 1e-8 and error < 1e-6\nassert np.allclose(fit, [2, 1]) and cov.shape == (2, 2) and best.success and np.allclose(best['x'], 1, atol=1e-4) and 'fun' in best",
        "x = np.linspace(0, 3, 20)\nspline = interpolate.interp1d(x, np.sin(x))\nroot = 1.57",
    ),
    "a sparse system and an orbit": (
        "import numpy as np, scipy.sparse as sp\nfrom scipy.sparse.linalg import spsolve\nfrom scipy.integrate import solve_ivp",
        "def laplacian(n):\n    return sp.diags([-np.ones(n - 1), 2 * np.ones(n), -np.ones(n - 1)], [-1, 0, 1], format='csr')\nA = laplacian(5)\nu = spsolve(A, np.ones(5))\norbit = solve_ivp(lambda t, y: [y[1], -y[0]], (0, 1), [0, 1], rtol=1e-8, dense_output=True)",
        "assert sp.issparse(A) and A.nnz == 13 and np.allclose(A @ u, 1) and A.format == 'csr'\nassert np.allclose(laplacian(3).toarray(), [[2, -1, 0], [-1, 2, -1], [0, -1, 2]])\nassert orbit.success and abs(orbit.y[0, -1] - np.sin(1)) < 1e-6 and abs(orbit.sol(0.5)[0] - np.sin(0.5)) < 1e-5",
        "def laplacian(n):\n    return np.eye(n)\nA = laplacian(5)\nu = np.ones(5)",
    ),
    "distributions and tests of scipy": (
        "import numpy as np\nfrom scipy import stats",
        "height = stats.norm(170, 10)\ndef tested(a, b):\n    return stats.ttest_ind(a, b, equal_var=False)\nline = stats.linregress([0, 1, 2], [1, 3, 5])",
        "assert abs(height.cdf(170) - 0.5) < 1e-12 and height.std() == 10 and height.rvs(3, random_state=0).shape == (3,)\nfound = tested([1, 2, 3], [1, 2, 4])\nassert found.pvalue > 0.05 and found.statistic == found[0] and line.slope == 2 and line.rvalue > 0.999\nassert isinstance(height, stats._distn_infrastructure.rv_frozen) and height.dist.name == 'norm'",
        "height = stats.norm(170, 1)\ndef tested(a, b):\n    return 0.04\nline = stats.linregress([0, 1, 2], [1, 3, 6])",
    ),
    "a network with weights": (
        "import networkx as nx",
        "G = nx.DiGraph()\nG.add_weighted_edges_from([('a', 'b', 1), ('b', 'c', 2), ('a', 'c', 5)])\nnx.set_node_attributes(G, {'a': 'red'}, 'colour')\ndef way(g, s, t):\n    return nx.shortest_path(g, s, t, weight='weight')",
        "assert way(G, 'a', 'c') == ['a', 'b', 'c'] and G['a']['c']['weight'] == 5 and G.nodes['a']['colour'] == 'red'\nassert isinstance(G, nx.DiGraph) and dict(G.out_degree()) == {'a': 2, 'b': 1, 'c': 0} and nx.is_directed_acyclic_graph(G)\nH = nx.path_graph(4)\nassert way(H, 0, 3) == [0, 1, 2, 3] and sorted(G.edges) == [('a', 'b'), ('a', 'c'), ('b', 'c')]",
        "G = nx.Graph()\nG.add_edge('a', 'c', weight=5)\ndef way(g, s, t):\n    return nx.shortest_path(g, s, t)",
    ),
    "symbols solved and integrated": (
        "import sympy as sp\nx, y = sp.symbols('x y', positive=True)",
        "roots = sp.solve(x ** 2 - 2, x)\nslope = sp.diff(sp.sin(x) * sp.exp(x), x)\narea = sp.integrate(x ** 2, (x, 0, y))\nf = sp.lambdify(x, slope, 'numpy')\nM = sp.Matrix([[1, x], [0, 2]])",
        "import numpy as np\nassert roots == [sp.sqrt(2)] and sp.simplify(area - y ** 3 / 3) == 0\nassert sp.simplify(slope - sp.exp(x) * (sp.sin(x) + sp.cos(x))) == 0 and abs(f(0.0) - 1) < 1e-12\nassert M.det() == 2 and M.shape == (2, 2) and area.subs(y, 3) == 9 and x in slope.free_symbols",
        "roots = sp.solve(x ** 2 - 3, x)\nslope = x\narea = 1\nf = 1\nM = 1",
    ),
    "a regression's table": (
        "import numpy as np, pandas as pd, statsmodels.api as sm\nimport statsmodels.formula.api as smf\ndf = pd.DataFrame({'x': [0.0, 1, 2, 3, 4], 'y': [1.1, 2.9, 5.2, 6.8, 9.1]})",
        "fit = smf.ols('y ~ x', df).fit()\nplain = sm.OLS(df.y, sm.add_constant(df.x)).fit()",
        "assert abs(fit.params['x'] - 1.99) < 0.01 and fit.rsquared > 0.99 and list(fit.params.index) == ['Intercept', 'x']\nassert np.allclose(plain.params, fit.params) and fit.pvalues['x'] < 0.01 and fit.conf_int().shape == (2, 2)\nassert len(fit.predict(pd.DataFrame({'x': [5.0]}))) == 1 and fit.df_resid == 3",
        "fit = smf.ols('x ~ y', df).fit()\nplain = fit",
    ),
    "a picture's pixels": (
        "from PIL import Image\nimport numpy as np\nImage.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save('in.png')",
        "def half(im):\n    return im.resize((im.width // 2, im.height // 2)).convert('L')\nwith Image.open('in.png') as source:\n    turned = source.rotate(90, expand=True)\nturned.save('out.png')",
        "assert turned.size == (3, 4) and np.asarray(turned)[0, 0] == 3 and turned.mode == 'L'\nassert Image.open('out.png').getpixel((0, 0)) == 3\nassert half(Image.new('RGB', (8, 6), 'red')).size == (4, 3)",
        "def half(im):\n    return im\nwith Image.open('in.png') as source:\n    turned = source.copy()",
    ),
    "words and their counts": (
        "import re\nfrom collections import Counter, defaultdict\ntext = 'The cat. The dog? A cat!'",
        "words = re.findall(r'[a-z]+', text.lower())\ncounts = Counter(words)\nindex = defaultdict(list)\nfor place, word in enumerate(words):\n    index[word].append(place)\ndef bigrams(ws):\n    return zip(ws, ws[1:])",
        "assert counts.most_common(2) == [('the', 2), ('cat', 2)] and counts['bird'] == 0 and isinstance(counts, Counter)\nassert index['cat'] == [1, 5] and index.default_factory is list and index['none'] == []\nassert list(bigrams('abc')) == [('a', 'b'), ('b', 'c')] and sum((counts + Counter('a')).values()) == 7",
        "words = text.split()\ncounts = Counter(words)\nindex = {}\ndef bigrams(ws):\n    return []",
    ),
    "a generator that is sent to": (
        "import itertools",
        "def running():\n    total, n, mean = 0, 0, None\n    while True:\n        total += yield mean\n        n += 1\n        mean = total / n\ndef primes():\n    found = []\n    for n in itertools.count(2):\n        if all(n % p for p in found):\n            found.append(n)\n            yield n",
        "import types\ng = running()\nnext(g)\nassert g.send(2) == 2 and g.send(4) == 3\ng.close()\nassert list(itertools.islice(primes(), 5)) == [2, 3, 5, 7, 11] and isinstance(primes(), types.GeneratorType)\nassert next(p for p in primes() if p > 20) == 23",
        "def running():\n    while True:\n        yield 2\ndef primes():\n    return iter([2, 3, 5, 7, 9])",
    ),
    "a decorator with arguments": (
        "import functools",
        "def repeat(n, *, keep=False):\n    def wrap(f):\n        @functools.wraps(f)\n        def inner(*a, **k):\n            found = [f(*a, **k) for _ in range(n)]\n            return found if keep else found[-1]\n        inner.n = n\n        return inner\n    return wrap",
        "calls = []\n@repeat(3, keep=True)\ndef hello(name):\n    'Says hello.'\n    calls.append(name)\n    return name.upper()\nassert hello('a') == ['A'] * 3 and calls == ['a'] * 3 and hello.__name__ == 'hello' and hello.__doc__ == 'Says hello.'\nassert hello.n == 3 and hello.__wrapped__('b') == 'B' and repeat(2)(len)('abc') == 3",
        "def repeat(n, *, keep=False):\n    def wrap(f):\n        return f\n    return wrap",
    ),
    "dataclasses with their own rules": (
        "from dataclasses import dataclass, field, asdict, replace, FrozenInstanceError",
        "@dataclass(frozen=True, order=True)\nclass Card:\n    rank: int\n    suit: str = 'S'\n    tags: tuple = field(default=(), compare=False, repr=False)\n    def __post_init__(self):\n        if not 1 <= self.rank <= 13:\n            raise ValueError(f'no rank {self.rank}')",
        "import dataclasses, unittest\nt = unittest.TestCase()\na = Card(3)\nassert asdict(a) == {'rank': 3, 'suit': 'S', 'tags': ()} and replace(a, rank=4) > a and repr(a) == \"Card(rank=3, suit='S')\"\nwith t.assertRaises(FrozenInstanceError):\n    a.rank = 5\nwith t.assertRaisesRegex(ValueError, 'no rank 14'):\n    Card(14)\nassert dataclasses.is_dataclass(Card) and len({Card(1), Card(1), Card(2)}) == 2 and Card(1, tags=('x',)) == Card(1)",
        "@dataclass\nclass Card:\n    rank: int\n    suit: str = 'S'\n    tags: tuple = ()",
    ),
    "enums with methods": (
        "from enum import Enum, unique",
        "@unique\nclass Planet(Enum):\n    EARTH = (5.97e24, 6.4e6)\n    MARS = (6.4e23, 3.4e6)\n    def __init__(self, mass, radius):\n        self.mass, self.radius = mass, radius\n    @property\n    def gravity(self):\n        return 6.67e-11 * self.mass / self.radius ** 2\n    @classmethod\n    def heaviest(cls):\n        return max(cls, key=lambda p: p.mass)",
        "assert Planet.heaviest() is Planet.EARTH and 9 < Planet.EARTH.gravity < 10 and Planet['MARS'].radius == 3.4e6\nassert len(Planet) == 2 and Planet((6.4e23, 3.4e6)) is Planet.MARS and isinstance(Planet.MARS, Enum) and Planet.MARS in {Planet.MARS: 1}\ntry:\n    Planet('x')\n    raise AssertionError\nexcept ValueError:\n    pass",
        "class Planet(Enum):\n    EARTH = (5.97e24, 6.4e6)\n    MARS = (6.4e23, 3.4e6)",
    ),
    "a class of protocols and hooks": (
        "from collections.abc import Mapping, Sequence\nfrom typing import Protocol, runtime_checkable\n@runtime_checkable\nclass Speaks(Protocol):\n    def speak(self) -> str: ...",
        "class Dog:\n    kinds = []\n    def __init_subclass__(cls, **k):\n        super().__init_subclass__(**k)\n        Dog.kinds.append(cls.__name__)\n    def speak(self):\n        return 'woof'\nclass Puppy(Dog):\n    def __getattr__(self, name):\n        return f'no {name}'\n    def __call__(self, n=1):\n        return self.speak() * n\nclass Row(Sequence):\n    def __init__(self, *xs):\n        self.xs = xs\n    def __getitem__(self, i):\n        return self.xs[i]\n    def __len__(self):\n        return len(self.xs)",
        "p = Puppy()\nassert isinstance(p, Speaks) and p(2) == 'woofwoof' and p.tail == 'no tail' and Dog.kinds == ['Puppy'] and callable(p)\nr = Row(3, 1, 2)\nassert isinstance(r, Sequence) and r.index(2) == 2 and r.count(1) == 1 and list(reversed(r)) == [2, 1, 3] and r[1:] == (1, 2) and 3 in r\nassert Puppy.__mro__[1] is Dog and not isinstance(r, Mapping)",
        "class Dog:\n    kinds = []\nclass Puppy(Dog):\n    pass\nclass Row(list):\n    pass",
    ),
    "vectors with every operator": (
        "import math",
        "class Vec:\n    __slots__ = ('x', 'y')\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n    def __add__(self, o):\n        return Vec(self.x + o.x, self.y + o.y)\n    def __rmul__(self, k):\n        return Vec(k * self.x, k * self.y)\n    def __abs__(self):\n        return math.hypot(self.x, self.y)\n    def __iter__(self):\n        return iter((self.x, self.y))\n    def __eq__(self, o):\n        return isinstance(o, Vec) and tuple(self) == tuple(o)\n    def __bool__(self):\n        return bool(abs(self))\n    def __getitem__(self, i):\n        return (self.x, self.y)[i]\n    def __repr__(self):\n        return f'Vec({self.x}, {self.y})'",
        "v = Vec(3, 4)\nx, y = v\nassert abs(v) == 5 and (x, y) == (3, 4) and 2 * v == Vec(6, 8) and v + v == 2 * v and not Vec(0, 0)\nassert str([v]) == '[Vec(3, 4)]' and v[-1] == 4 and v != (3, 4) and max(Vec(1, 1), v, key=abs) is v\nv += Vec(1, 1)\nassert repr(v) == 'Vec(4, 5)' and not hasattr(v, '__dict__')\ntry:\n    v + 1\n    raise AssertionError\nexcept AttributeError:\n    pass",
        "class Vec:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n    def __abs__(self):\n        return self.x + self.y",
    ),
    "recursion within a limit": (
        "import functools, sys",
        "@functools.cache\ndef collatz(n):\n    return 0 if n == 1 else 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)\ndef depth(n):\n    return n if n == 0 else 1 + depth(n - 1)\ndef hanoi(n, a='A', b='B', c='C'):\n    return [] if n == 0 else hanoi(n - 1, a, c, b) + [(a, c)] + hanoi(n - 1, b, a, c)",
        "assert collatz(27) == 111 and collatz.cache_info().currsize > 100 and depth(500) == 500 and len(hanoi(6)) == 63 and hanoi(1) == [('A', 'C')]\ntry:\n    depth(10 ** 6)\n    raise AssertionError('no limit')\nexcept RecursionError:\n    pass\ncollatz.cache_clear()\nassert collatz.cache_info().hits == 0",
        "@functools.cache\ndef collatz(n):\n    return n\ndef depth(n):\n    return n\ndef hanoi(n):\n    return []",
    ),
    "a test case that calls": (
        "import unittest\nfrom unittest import mock",
        "class Mailer:\n    def __init__(self, server):\n        self.server = server\n    def send_all(self, people):\n        sent = 0\n        for person in people:\n            try:\n                self.server.send(to=person, body='hi')\n                sent += 1\n            except ConnectionError:\n                self.server.log('lost', person)\n        return sent",
        "server = mock.Mock()\nserver.send.side_effect = [None, ConnectionError('down'), None]\nassert Mailer(server).send_all(['a', 'b', 'c']) == 2\nassert server.send.call_args_list == [mock.call(to=p, body='hi') for p in 'abc']\nserver.log.assert_called_once_with('lost', 'b')\nclass T(unittest.TestCase):\n    @mock.patch.object(Mailer, 'send_all', return_value=9)\n    def test_it(self, sent):\n        self.assertEqual(Mailer(None).send_all([]), 9)\n        sent.assert_called_once()\nout = unittest.TestResult()\nunittest.defaultTestLoader.loadTestsFromTestCase(T).run(out)\nassert out.wasSuccessful() and out.testsRun == 1",
        "class Mailer:\n    def __init__(self, server):\n        pass\n    def send_all(self, people):\n        return len(people)",
    ),
    "the clock and the web replaced": (
        "from datetime import datetime\nimport urllib.request, json",
        "import datetime as dt\ndef greeting():\n    return 'Good morning' if dt.datetime.now().hour < 12 else 'Good evening'\ndef rate(code):\n    with urllib.request.urlopen('https://example.org/' + code) as answer:\n        return json.loads(answer.read().decode())['rate']",
        "import io\nfrom unittest.mock import patch, MagicMock\nwith patch('datetime.datetime') as clock:\n    clock.now.return_value.hour = 9\n    assert greeting() == 'Good morning'\n    clock.now.return_value.hour = 20\n    assert greeting() == 'Good evening'\nwith patch('urllib.request.urlopen') as web:\n    web.return_value.__enter__.return_value = io.BytesIO(b'{\"rate\": 1.5}')\n    assert rate('EUR') == 1.5\nweb.assert_called_once_with('https://example.org/EUR')",
        "def greeting():\n    return 'Good morning'\ndef rate(code):\n    return 1.5",
    ),
    "seeds of the check": (
        "import random\nimport numpy as np",
        "def walk(n):\n    return sum(random.choice([-1, 1]) for _ in range(n))\ndef sample(n):\n    return np.random.normal(size=n)\ndef shuffled(xs):\n    xs = list(xs)\n    np.random.shuffle(xs)\n    return xs",
        "random.seed(7)\nexpected = sum(random.choice([-1, 1]) for _ in range(50))\nrandom.seed(7)\nassert walk(50) == expected\nnp.random.seed(1)\nwanted = np.random.normal(size=4), np.random.permutation(5)\nnp.random.seed(1)\nassert np.array_equal(sample(4), wanted[0]) and sorted(shuffled(range(5))) == list(range(5))\nstate = random.getstate()\na = walk(9)\nrandom.setstate(state)\nassert walk(9) == a",
        "def walk(n):\n    return 0\ndef sample(n):\n    return np.random.default_rng().normal(size=n)\ndef shuffled(xs):\n    return xs",
    ),
    "a program that asks until it has a number": (
        "",
        "def ask():\n    while True:\n        try:\n            n = int(input('n? '))\n        except ValueError:\n            print('not a number')\n            continue\n        if n < 0:\n            print('negative', end='!\\n')\n            continue\n        return n",
        "import builtins, io, sys\nanswers, shown = iter(['x', '-1', '5']), []\nold_input, old_out = builtins.input, sys.stdout\nbuiltins.input = lambda prompt='': (shown.append(prompt), next(answers))[1]\nsys.stdout = io.StringIO()\ntry:\n    got = ask()\n    said = sys.stdout.getvalue()\nfinally:\n    builtins.input, sys.stdout = old_input, old_out\nassert got == 5 and said == 'not a number\\nnegative!\\n' and shown == ['n? '] * 3",
        "def ask():\n    return int(input('n? '))",
    ),
    "standard input and arguments": (
        "import sys",
        "import argparse\ndef main(argv=None):\n    parser = argparse.ArgumentParser(prog='tally')\n    parser.add_argument('--times', type=int, default=1)\n    options = parser.parse_args(argv)\n    return sum(map(int, sys.stdin.read().split())) * options.times",
        "import io, contextlib\nfrom unittest.mock import patch\nwith patch.object(sys, 'stdin', io.StringIO('1 2\\n3')), patch.object(sys, 'argv', ['tally', '--times', '2']):\n    assert main() == 12\nerr = io.StringIO()\ntry:\n    with contextlib.redirect_stderr(err):\n        main(['--times', 'x'])\n    raise AssertionError\nexcept SystemExit as end:\n    assert end.code == 2 and 'invalid int' in err.getvalue()",
        "def main(argv=None):\n    return 12",
    ),
    "rows of a data base": (
        "import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.row_factory = sqlite3.Row\ndb.executescript('create table p (name text, age int); insert into p values (\"Ada\", 36), (\"Bob\", 7);')",
        "query = 'select name from p where age > ? order by name'\ndef adults(db, age=18):\n    return [row['name'] for row in db.execute(query, (age,))]\ndef add(db, name, age):\n    with db:\n        return db.execute('insert into p values (?, ?)', (name, age)).rowcount",
        "import pandas as pd\nassert adults(db) == ['Ada'] and add(db, 'Eve', 40) == 1 and adults(db) == ['Ada', 'Eve']\nassert [tuple(r) for r in db.execute(query, (0,))] == [('Ada',), ('Bob',), ('Eve',)]\nassert pd.read_sql_query('select * from p', db).age.sum() == 83",
        "query = 'select name from p'\ndef adults(db, age=18):\n    return [row['name'] for row in db.execute(query)]\ndef add(db, name, age):\n    return 1",
    ),
    "files in folders": (
        "import csv, json, os\nfrom pathlib import Path\nPath('notes').mkdir(exist_ok=True)\nPath('notes/a.txt').write_text('x y\\nz\\n')",
        "def count(folder):\n    found = {}\n    for path in sorted(Path(folder).rglob('*.txt')):\n        found[path.name] = len(path.read_text().split())\n    Path('counts.json').write_text(json.dumps(found))\n    with open('counts.csv', 'w', newline='') as f:\n        csv.writer(f).writerows(found.items())\n    return Path('counts.json')",
        "Path('notes/b').mkdir(exist_ok=True)\nPath('notes/b/c.txt').write_text('one two three')\nmade = count('notes')\nassert isinstance(made, Path) and made.suffix == '.json' and json.loads(made.read_text()) == {'a.txt': 3, 'c.txt': 3}\nwith open('counts.csv') as f:\n    assert list(csv.reader(f)) == [['a.txt', '3'], ['c.txt', '3']]\nassert os.path.isfile('counts.csv') and sorted(os.listdir('notes')) == ['a.txt', 'b']",
        "def count(folder):\n    return Path('counts.json')",
    ),
    "state that a function changes": (
        "balance = 100\nlog = []",
        "def pay(x):\n    global balance\n    if x > balance:\n        log.append(('refused', x))\n        return False\n    balance -= x\n    log.append(('paid', x))\n    return True\ndef counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n    return up",
        "assert pay(30) and balance == 70 and not pay(99) and log == [('paid', 30), ('refused', 99)]\nbalance = 10\nassert not pay(11) and pay(10) and balance == 0\na, b = counter(), counter()\nassert [a(), a(), b()] == [1, 2, 1] and a.__closure__[0].cell_contents == 2",
        "def pay(x):\n    log.append(('paid', x))\n    return True\ndef counter():\n    return lambda: 1",
    ),
    "docstrings and names of parameters": (
        "import inspect",
        "class Shape:\n    '''A shape.'''\n    def area(self, scale: float = 1.0) -> float:\n        '''The area, scaled.'''\n        return 2 * scale\ndef largest(*shapes, key=None, **options):\n    '''The largest of shapes.'''\n    return max(shapes, key=key or (lambda s: s.area()))",
        "assert 'scaled' in Shape.area.__doc__ and inspect.getdoc(Shape) == 'A shape.' and largest.__doc__.strip()\nassert str(inspect.signature(largest)) == '(*shapes, key=None, **options)' and inspect.getfullargspec(Shape.area).args == ['self', 'scale']\nassert Shape.area.__annotations__ == {'scale': float, 'return': float} and inspect.isfunction(largest) and inspect.isclass(Shape)\nassert [n for n, m in inspect.getmembers(Shape, inspect.isfunction)] == ['area'] and largest.__code__.co_flags & inspect.CO_VARARGS",
        "class Shape:\n    def area(self, scale=1.0):\n        return 2 * scale\ndef largest(*shapes, key=None):\n    return shapes[0]",
    ),
    "time that a call may take": (
        "import time, timeit",
        "def fast(n):\n    return n * (n + 1) // 2\ndef slow(n):\n    time.sleep(0.01)\n    return n",
        "begun = time.perf_counter()\nassert fast(10 ** 9) == 500000000500000000 and time.perf_counter() - begun < 1\nassert timeit.timeit(lambda: slow(1), number=3) >= 0.03\nimport signal\ndef late(*_):\n    raise TimeoutError\nsignal.signal(signal.SIGALRM, late)\nsignal.alarm(5)\nassert fast(3) == 6\nleft = signal.alarm(0)",
        "def fast(n):\n    return sum([n])\ndef slow(n):\n    return n",
    ),
    "threads, queues and pools": (
        "import threading, queue\nfrom concurrent.futures import ThreadPoolExecutor",
        "class Safe:\n    def __init__(self):\n        self.n, self.lock = 0, threading.Lock()\n    def up(self):\n        with self.lock:\n            self.n += 1\ndef squares(xs):\n    with ThreadPoolExecutor(2) as pool:\n        return list(pool.map(lambda x: x * x, xs))\nwork = queue.Queue()\nwork.put(5)",
        "s = Safe()\nthreads = [threading.Thread(target=s.up) for _ in range(5)]\n[t.start() for t in threads]\n[t.join() for t in threads]\nassert s.n == 5 and squares([1, 2, 3]) == [1, 4, 9] and work.get() == 5 and work.empty()\nassert not s.lock.locked()",
        "class Safe:\n    def __init__(self):\n        self.n = 0\n    def up(self):\n        pass\ndef squares(xs):\n    return xs\nwork = queue.Queue()",
    ),
    "magics of a first cell": (
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%config Completer.use_jedi = False\nimport warnings\nwarnings.filterwarnings('ignore')\n%precision 3\n%env COURSE=physics",
        "import os\ncourse = os.environ['COURSE']\n%timeit -n 1 -r 1 sum(range(10))\nspent = %timeit -n 1 -r 1 -q -o sum(range(10))\nhere = %pwd",
        "assert course == 'physics' and spent.loops == 1 and os.path.isdir(here)\n%xmode Minimal\nassert here == os.getcwd()",
        "course = 'biology'",
    ),
    "points that add up, with partial credit": (
        "import numpy as np",
        "def mean(xs):\n    return sum(xs) / len(xs)\ndef var(xs):\n    m = mean(xs)\n    return sum((x - m) ** 2 for x in xs) / len(xs)",
        "score = 0\nfor f, wanted in ((mean, np.mean), (var, np.var)):\n    try:\n        np.testing.assert_allclose(f([1, 2, 6]), wanted([1, 2, 6]))\n        score += 1\n    except Exception as error:\n        print(type(error).__name__)\nscore",
        "def mean(xs):\n    return sum(xs) / len(xs)\ndef var(xs):\n    raise NotImplementedError",
    ),
    "a credit of numpy's, partial credit": (
        "import numpy as np",
        "def ok(n):\n    return n % 2 == 0",
        "right = np.array([ok(n) == (n % 2 == 0) for n in range(8)])\n2 * right.mean()",
        "def ok(n):\n    return True",
    ),
}  # fmt: skip

# What a check looks at stays with the student's code: seen in one process only.
IN_ONE_PROCESS = {
    "a table read from a file",
    "an image, its colours and a saved figure",
    "a pipeline and a search over it",
    "an estimator of the student's class",
    "a model kept in a file",
    "a picture's pixels",
    "a decorator with arguments",
    "dataclasses with their own rules",
    "enums with methods",
    "a class of protocols and hooks",
    "a test case that calls",
    "the clock and the web replaced",
    "standard input and arguments",
    "rows of a data base",
    "files in folders",
    "state that a function changes",
    "docstrings and names of parameters",
    "magics of a first cell",
}


LIBRARIES = {
    **dict.fromkeys(
        ("a pipeline and a search over it", "an estimator of the student's class"), "sklearn"
    ),
    "a model kept in a file": "sklearn",
    "a network with weights": "networkx",
    "symbols solved and integrated": "sympy",
    "a regression's table": "statsmodels",
}


@pytest.mark.parametrize("case", CASES)
def test_a_feature_of_a_course_gives_what_nbgrader_gives(case):
    pytest.importorskip(LIBRARIES.get(case, "numpy"))
    right = graded(CASES[case])
    assert right.score == 2, right
    assert right.message.startswith(BESIDE) == (case in IN_ONE_PROCESS), right
    assert graded(CASES[case], wrong=True).score == (1 if case.endswith("partial credit") else 0)
