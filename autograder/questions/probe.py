"""What a student's own functions do, watched where they run: in the student process, in the exam.

This file's text is a cell of the notebook that is examined (see `observe`), so it imports nothing
of the project. What it finds is printed as JSON in the last cell, and is not trusted: `observe`
reads it as data. A function is called again with arguments that a check has given it, one of
their lengths changed to ``size``.
"""

import ast
import contextlib
import copy
import functools
import itertools
import json
import re
import sys
import time

import numpy as np

CALLS = 3  # of a function whose arguments are kept
MOST = 20_000  # numbers in the arguments of one
SECONDS = 1.0  # of CPU time for all that is called again
LINES = 3  # of a function for which a convention is asked
FACTORS = (-1.0, 2.0, 0.5)  # of other conventions


class Probe:
    """``cells`` are the texts of the student's solution cells, by id."""

    def __init__(self, cells, size):
        self.size, self.counts, self.segments, self.calls = size, {}, {}, {}
        self.functions = {}  # name -> (cell, its node)
        self.own = set()
        for cell, text in cells.items():
            for node in _parsed(text).body:
                if isinstance(node, ast.FunctionDef):
                    self.functions[node.name] = cell, node
                    self.own.add(node.name)
                elif isinstance(node, ast.ClassDef):
                    inside = (one for one in node.body if isinstance(one, ast.FunctionDef))
                    self.own.update(f"{node.name}.{one.name}" for one in inside)

    def watch(self):
        """Count every call of the student's functions from here on."""
        sys.setprofile(self._called)

    def _called(self, frame, event, _):
        if event != "call" or "ipython-input" not in frame.f_code.co_filename:
            return
        name = frame.f_code.co_qualname
        if name not in self.own:
            return
        self.counts[name] = self.counts.get(name, 0) + 1
        # What cannot be copied; raised from here, it would end the watching.
        with contextlib.suppress(Exception):
            self._keep(name, frame)

    def _keep(self, name, frame):
        code, kept = frame.f_code, self.calls.setdefault(name, [])
        simple = code.co_kwonlyargcount == 0 and not code.co_flags & 0x0C  # no * or **
        if name in self.functions and simple and len(kept) < CALLS:
            values = [frame.f_locals[arg] for arg in code.co_varnames[: code.co_argcount]]
            usual = not any(callable(value) for value in values)
            if usual and sum(value.size for value in _arrays(values)) <= MOST:
                kept.append(copy.deepcopy(values))

    def mark(self, check):
        """The visible part of a check has ended."""
        self.segments[check], self.counts = self.counts, {}

    def facts(self, space):
        """Everything that was seen, and what the functions do when they are called again."""
        sys.setprofile(None)
        self.deadline = time.process_time() + SECONDS
        found = {"segments": self.segments, "shapes": [], "inside": [], "conventions": []}
        for name, (cell, node) in self.functions.items():
            function = space.get(name)
            if getattr(getattr(function, "__code__", None), "co_qualname", None) != name:
                continue
            for values in self.calls.get(name, ()):
                other, samples = self._resized(node, values)  # samples: how many, if that is it
                if other is None or time.process_time() > self.deadline:
                    continue
                try:
                    self._about(found, cell, node, function, (values, other), samples)
                except Exception:  # whatever the student's function makes of other sizes
                    continue
                break
        return found

    def _about(self, found, cell, node, function, calls, samples):
        values, other = calls
        before = self._traced(node, function, values)
        shapes, counts = self._traced(node, function, other)
        names = [arg.arg for arg in node.args.args]
        about = {"cell": cell, "function": node.name, "given": _said(names, other)}
        arrays = [list(array.shape) for array in _arrays(other)]
        for (line, name), shape in shapes.items():
            old = before[0].get((line, name))
            if old != shape:
                others = [s for key, s in shapes.items() if key != (line, name)] + arrays
                found["shapes"].append(
                    about
                    | {"line": line, "name": name, "shape": shape, "old": old, "others": others}
                )
        if counts:
            found["inside"].append(about | {"counts": counts, "old": before[1]})
        for factor in FACTORS:
            self._conventions(found, about, node, function, calls, factor)
        if samples:
            self._conventions(found, about, node, function, (other,), 1 / samples)

    # Conventions: one line's right-hand side times a factor --------------------------------

    def _conventions(self, found, about, node, function, calls, factor):
        statements = list(_assignments(node))
        if len(statements) < LINES:
            return
        wholes = [_parts(self._call(function, values)) for values in calls]
        lines = {}
        for statement in statements:
            edited = _scaled(node, statement, factor, function)
            if edited is None or statement.lineno in lines:
                continue
            try:
                results = [_parts(self._call(edited, values)) for values in calls]
            except Exception:
                results = None  # it does not even run: not that line
            lines[statement.lineno] = results
        for part in wholes[0]:
            if not all(part in whole and np.any(whole[part]) for whole in wholes):
                continue
            right = {
                line: results is not None
                and all(
                    _same(whole[part] * factor, changed.get(part))
                    for whole, changed in zip(wholes, results, strict=True)
                )
                for line, results in lines.items()
            }
            found["conventions"].append(
                about | {"part": part, "factor": factor, "lines": sorted(right.items())}
            )

    # Calls ---------------------------------------------------------------------------------

    def _call(self, function, values):
        np.random.seed(0)
        sys.settrace(self._limited)
        try:
            return function(*copy.deepcopy(values))
        finally:
            sys.settrace(None)

    def _limited(self, frame, event, _):
        if "<" not in frame.f_code.co_filename:
            return None  # a library's
        if time.process_time() > self.deadline:
            raise TimeoutError
        return self._limited

    def _traced(self, node, function, values):
        """Shapes of what each line assigns when it is first run, and the calls inside."""
        wanted = {
            statement.lineno: statement.targets[0].id
            for statement in _assignments(node)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }
        shapes, counts, last = {}, {}, [None]
        code = function.__code__

        def trace(frame, event, _):
            if "<" not in frame.f_code.co_filename:
                return None  # a library's
            if time.process_time() > self.deadline:
                raise TimeoutError
            if frame.f_code is not code:
                if event == "call" and frame.f_code.co_qualname in self.own:
                    name = frame.f_code.co_qualname
                    counts[name] = counts.get(name, 0) + 1
                return trace
            line, name = last[0], wanted.get(last[0])
            value = frame.f_locals.get(name) if name else None
            if isinstance(value, np.ndarray) and value.ndim:
                shapes.setdefault((line, name), list(value.shape))
            last[0] = frame.f_lineno
            return trace

        np.random.seed(0)
        sys.settrace(trace)
        try:
            function(*copy.deepcopy(values))
        finally:
            sys.settrace(None)
        return shapes, counts

    def _resized(self, node, values):
        """The arguments with one of their lengths changed, and whether it is N in the docstring."""
        samples, lengths = (
            False,
            {length for array in _arrays(values) for length in array.shape if length > 1},
        )
        text = ast.get_docstring(node) or ""
        for arg, value in zip(node.args.args, values, strict=False):
            dims = re.search(rf"\b{re.escape(arg.arg)} \(([\w, ]+)\)", text)
            names = [one.strip() for one in dims[1].split(",")] if dims else []
            if "N" in names and isinstance(value, np.ndarray) and names.index("N") < value.ndim:
                samples, lengths = True, {value.shape[names.index("N")]} - {0, 1}
                break
        if not lengths:
            return None, 0
        present = {length for array in _arrays(values) for length in array.shape}
        size = next(n for n in itertools.count(self.size, 100) if n not in present)
        return _with_length(values, max(lengths), size), size if samples else 0


def _parsed(text):
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _assignments(node):
    """The statements on one line that give a name, or the caller, a value."""
    for statement in ast.walk(node):
        match statement:
            case ast.Assign(targets=[ast.Name() | ast.Subscript() | ast.Attribute()]):
                wanted = True
            case ast.AugAssign(op=ast.Add() | ast.Sub()) | ast.Return(value=ast.expr()):
                wanted = True
            case _:
                wanted = False
        if wanted and statement.lineno == statement.end_lineno:
            yield statement


def _scaled(node, statement, factor, function):
    """The function with the right-hand side of one line times a factor; None if it has none."""
    if isinstance(statement.value, ast.Tuple | ast.List | ast.Dict | ast.Constant | ast.ListComp):
        return None
    changed = copy.deepcopy(node)
    changed.decorator_list = []
    place = next(place for place, one in enumerate(ast.walk(node)) if one is statement)
    twin = next(itertools.islice(ast.walk(changed), place, None))
    twin.value = ast.BinOp(ast.Constant(factor), ast.Mult(), twin.value)
    module = ast.fix_missing_locations(ast.Module([changed], []))
    space = function.__globals__
    made = {}
    exec(compile(module, "<changed>", "exec"), space, made)
    return made[node.name]


def _parts(result):
    """The numbers of a result by where they are: the whole, or each entry of a tuple or dict."""
    if isinstance(result, tuple):
        inner = {str(place): value for place, value in enumerate(result, 1)}
    elif isinstance(result, dict):
        inner = {f"[{key!r}]": value for key, value in result.items()}
    else:
        inner = {"": result}
    found = {}
    for key, value in inner.items():
        if isinstance(value, dict):
            found |= {f"{key}{k}": v for k, v in _parts(value).items()}
        elif isinstance(value, (np.ndarray, np.number, float)):
            array = np.asarray(value)
            if array.dtype.kind == "f" and array.size and np.isfinite(array).all():
                found[key] = array
    return found


def _same(wanted, got):
    return got is not None and got.shape == wanted.shape and np.allclose(got, wanted, 1e-7, 1e-12)


def _arrays(values):
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, (list, tuple, dict)):
            yield from _arrays(value)


def _with_length(value, old, new):
    """The value with every axis of length ``old`` taken again and again up to ``new``."""
    again = functools.partial(_with_length, old=old, new=new)
    if isinstance(value, np.ndarray):
        for axis, length in enumerate(value.shape):
            if length == old:
                value = np.take(value, np.arange(new) % old, axis)
        return value
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(map(again, value))
    return {key: again(one) for key, one in value.items()} if isinstance(value, dict) else value


def _said(names, values):
    """``X (5, 3), y (5,), alpha = 0.5``."""
    found = []
    for name, value in zip(names, values, strict=False):
        if isinstance(value, np.ndarray):
            found.append(f"{name} {value.shape}")
        elif isinstance(value, dict):
            found.append(f"{name}: {_said(value.keys(), value.values())}")
        elif isinstance(value, (list, tuple)):
            inner = ", ".join(
                str(np.shape(one)) for one in value[:6] if isinstance(one, np.ndarray)
            )
            found.append(f"{name}: {len(value)} entries" + (f", {inner}" if inner else ""))
        elif isinstance(value, (int, float, str, bool, np.number)):
            found.append(f"{name} = {value!r:.30}")
        else:
            found.append(name)
    return ", ".join(map(str, found))


def printed(found, sign):
    """The facts as one line that `observe` finds by its ``sign``."""
    return sign + json.dumps(found, default=str)
