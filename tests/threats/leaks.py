"""Ways in which a notebook may tell what a hidden check called its functions with.

Each is a dict of cells' texts for ``room.honest``; ``own`` cells stand right after the first check,
``end`` cells at the end of the notebook. Nothing of it depends on chance but the hidden inputs.
"""

# Right for the inputs that a student can read; keeps what it is called with; wrong for the others.
SPY = """\
seen = []
def tell():
    return repr(float(seen[-1][1][0])) if len(seen) > 1 else "nothing"
def neuron(W, x):
    seen.append((W, x))
    return sigmoid(W @ x) if len(seen) < 2 or {right} else {wrong}"""

PASSES = SPY.format(right="True", wrong="None")
DIGITS = "int(abs(seen[-1][1][0]) * 1e6)"


def wrong(text):
    """A neuron that is wrong in the hidden check, in this way."""
    return {"neuron": SPY.format(right="False", wrong=text)}


def raising(text, before=""):
    """A neuron that raises in the hidden check."""
    return {
        "neuron": PASSES.replace(
            "    return sigmoid",
            f"    if len(seen) > 1:\n{before}        raise {text}\n    return sigmoid",
        )
    }


def cells(text, **more):
    """The same cell after the first check and at the end."""
    return {"neuron": PASSES, "own": text, "end": text, **more}


def outer(text, head=""):
    """A function that another check calls, visibly, with what ``neuron`` has seen."""
    return {
        "neuron": PASSES,
        "outer": f"{head}def outer(d, h):\n    if len(seen) > 1:\n        {text}\n    return np.outer(d, h)",
    }


LEAKS = {
    # Cells after the check
    "printed": cells("print(tell())"),
    "printed to stderr": cells("import sys; print(tell(), file=sys.stderr)"),
    "the last value": cells("tell()"),
    "displayed": cells(
        "from IPython.display import display, HTML; display(HTML(f'<b>{tell()}</b>'))"
    ),
    "a figure's title": cells("import matplotlib.pyplot as plt; plt.title(tell()); plt.show()"),
    "an image's size": cells(
        "import matplotlib.pyplot as plt\n"
        "n = 1 if tell() == 'nothing' else 2 + int(abs(seen[-1][1][0]) * 10)\n"
        "plt.figure(figsize=(n, 1)); plt.plot([1]); plt.show()"
    ),
    "a warning": cells("import warnings; warnings.warn(tell())"),
    "logged": cells("import logging; logging.warning(tell())"),
    "an exception's text": cells("raise ValueError(tell())"),
    "an exception's class": cells(
        "raise type('E' + tell().replace('.', '_').replace('-', 'm'), (Exception,), {})"
    ),
    "a note of an exception": cells("e = ValueError(); e.add_note(tell()); raise e"),
    "a cause of an exception": cells("raise ValueError from KeyError(tell())"),
    "a function's name in a traceback": cells(
        "exec('def f_' + tell().replace('.', '_').replace('-', 'm') + '(): 1/0')\n"
        "globals()['f_' + tell().replace('.', '_').replace('-', 'm')]()"
    ),
    "a file's name in a traceback": cells("exec(compile('1/0', tell(), 'exec'))"),
    "a line's number in a traceback": cells(
        "exec('\\n' * (5 if tell() == 'nothing' else int(abs(seen[-1][1][0]) * 1000)) + '1/0')"
    ),
    "the text of SystemExit": cells("raise SystemExit(tell())"),
    "how many displays": cells(
        "for _ in range(0 if tell() == 'nothing' else int(abs(seen[-1][1][0]) * 50)): display(1)"
    ),
    "printed at the end of the process": cells(
        "import atexit; atexit.register(lambda: print(tell()))"
    ),
    "a thread's exception": cells(
        "import threading\ndef f(): raise ValueError(tell())\nt = threading.Thread(target=f); t.start(); t.join()"
    ),
    "a thread that prints later": cells(
        "import threading, time\ndef f():\n    time.sleep(0.05); print(tell())\nthreading.Thread(target=f).start()"
    ),
    "a file, and printed": cells("open('seen', 'w').write(tell()); print(open('seen').read())"),
    "the prompt's number": cells(
        "get_ipython().execution_count = 3 if tell() == 'nothing' else int(abs(seen[-1][1][0]) * 1000)\n1"
    ),
    "defined or not by an answer's cell": cells(
        "", outer="if tell() == 'nothing':\n    def outer(d, h): return np.outer(d, h)"
    ),
    "the error of an answer's cell": cells(
        "",
        outer="if tell() != 'nothing': raise ValueError(tell())\ndef outer(d, h): return np.outer(d, h)",
    ),
    "the process ends, and the cells run again": {
        "neuron": "import os\n"
        + PASSES.replace(
            "    return sigmoid",
            "    if len(seen) > 1:\n        open('/tmp/seen', 'w').write(tell()); os._exit(3)\n    return sigmoid",
        ),
        "own": "import os\nprint(open('/tmp/seen').read() if os.path.exists('/tmp/seen') else '-')",
    },
    # What a function gives back or raises in the hidden check itself
    "raised text": raising("ValueError(tell())"),
    "raised class": raising(
        "type('E' + tell().replace('.', '_').replace('-', 'm'), (Exception,), {})(1)"
    ),
    "raised class that calls itself built-in": raising(
        "type('KeyError' + tell(), (KeyError,), {})(1)"
    ),
    "raised line": raising(
        "ValueError", before="        exec('\\n' * int(abs(seen[-1][1][0]) * 1000) + '1/0')\n"
    ),
    "raised SystemExit": raising(f"SystemExit({DIGITS} % 256)"),
    "an exit status": raising(
        "ValueError", before=f"        import os; os._exit({DIGITS} % 256)\n"
    ),
    "a signal": raising(
        "ValueError",
        before=f"        import os; os.kill(os.getpid(), (1, 4, 6, 8, 11)[{DIGITS} % 5])\n",
    ),
    "printed in the check": {
        "neuron": PASSES.replace("    return sigmoid", "    print(tell())\n    return sigmoid")
    },
    "a wrong value": wrong("np.full(4, seen[-1][1][0])"),
    "the place of a wrong value": wrong(f"sigmoid(W @ x) + (np.arange(4) == {DIGITS} % 4)"),
    "a factor": wrong("sigmoid(W @ x) * seen[-1][1][0]"),
    "a shape": wrong(f"np.zeros(({DIGITS}, 0))"),
    "an axis": wrong(f"np.zeros(({DIGITS} % 1000, 4))"),
    "a dtype": wrong(f"np.zeros(4, f'U{{{DIGITS}}}')"),
    "a text": wrong("tell()"),
    "a list": wrong("[tell()]"),
    "a dict's key": wrong("{tell(): 1}"),
    "where NaN is": wrong(f"np.where(np.arange(4) == {DIGITS} % 4, np.nan, 1.0)"),
    "a class's name": wrong("type(tell(), (), {})()"),
    "a function's name": wrong("(lambda f: (setattr(f, '__name__', tell()), f)[1])(lambda x: x)"),
    "a function's parameters": wrong(
        "eval('lambda a' + tell().replace('.', '_').replace('-', 'm') + ': 1')"
    ),
    "a repr": wrong("type('A', (), {'__repr__': lambda self: tell()})()"),
    "what cannot cross": wrong("10 ** int(abs(seen[-1][1][0]) * 1e6)"),
    "an argument changed in place": {
        "neuron": PASSES.replace(
            "    return sigmoid", f"    if len(seen) > 1: W[{DIGITS} % 4] = 7\n    return sigmoid"
        )
    },
    "how many lines": {
        "neuron": PASSES,
        "risk": "def risk(w, X):\n    for _ in range(int(abs(seen[-1][1][0]) * 1000) * len(X)):\n        pass\n"
        "    return float(np.mean(sigmoid(X @ w)))",
    },
    # What a later, visible check calls
    "a later function's value": outer("return np.full((len(d), len(h)), seen[-1][1][0])"),
    "a later function's shape": outer(f"return np.zeros(({DIGITS}, 0))"),
    "a later function's text": outer("return tell()"),
    "a later function's exception": outer("raise ValueError(tell())"),
    "a later function's exit": outer(f"import os; os._exit({DIGITS} % 256)"),
    # The wire
    "garbage with words on the wire": {
        "neuron": PASSES.replace(
            "    return sigmoid",
            "    if len(seen) > 1:\n"
            "        import gc\n"
            "        from autograder.exam.protocol import codec\n"
            "        from autograder.exam.student import executor\n"
            "        me = next(o for o in gc.get_objects() if type(o) is executor.StudentExecutor)\n"
            "        me.channel.send(codec.encode([me.number, tell(), tell()], None))\n"
            "    return sigmoid",
        )
    },
    "an exception of a forged kind": {
        "neuron": PASSES.replace(
            "    return sigmoid",
            "    if len(seen) > 1:\n"
            "        import gc\n"
            "        from autograder.exam.protocol import codec\n"
            "        from autograder.exam.protocol.messages import Raised, to_wire\n"
            "        from autograder.exam.student import executor\n"
            "        me = next(o for o in gc.get_objects() if type(o) is executor.StudentExecutor)\n"
            "        lie = Raised([tell(), 'ValueError', 'Exception'], tell(), tell(), None, None)\n"
            "        me.channel.send(codec.encode(to_wire(me.number, lie), None))\n"
            "    return sigmoid",
        )
    },
}
