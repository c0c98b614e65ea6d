"""What a student's own functions do, watched where they run: in the student process, in the exam.

The texts of this file and of `probe_values` are in a cell of the notebook that is examined (see
`observe`), so it imports nothing else of the project. What it finds is printed as JSON in the last
cell, and is not trusted: `observe` reads it as data. A function is called again with arguments
that a check has given it: with one of their lengths changed to ``size``, or with other numbers.
"""

import ast
import contextlib
import copy
import itertools
import json
import re
import sys
import time

import numpy as np

from autograder.questions.probe_values import (
    agree,
    arrays_in,
    changeable,
    described,
    listed,
    numbers_of,
    other_numbers,
    parts_of,
    shape_of,
    small,
    with_entry,
    with_length,
)

CALLS = 3  # of a function whose arguments are kept
MOST = 20_000  # numbers in the arguments of one
SECONDS = 1.0  # of CPU time for all that is called again
LINES = 3  # of a function for which a convention, or what depends on what, is asked
ENTRIES = 4  # of a result that is asked for
ARGUMENTS = 4  # of a function that are changed one at a time
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
            if usual and sum(value.size for value in arrays_in(values)) <= MOST:
                kept.append(copy.deepcopy(values))

    def mark(self, check):
        """The visible part of a check has ended."""
        self.segments[check], self.counts = self.counts, {}

    def facts(self, space):
        """Everything that was seen, and what the functions do when they are called again."""
        sys.setprofile(None)
        self.deadline = time.process_time() + SECONDS
        found = {"segments": self.segments}
        found |= {kind: [] for kind in ("shapes", "inside", "conventions", "depends", "values")}
        functions = {
            name: space.get(name)
            for name in self.functions
            if getattr(getattr(space.get(name), "__code__", None), "co_qualname", None) == name
        }
        for name, function in functions.items():
            cell, node = self.functions[name]
            for values in self.calls.get(name, ()):
                other, samples = self._resized(node, values)  # samples: how many, if that is it
                if other is None or time.process_time() > self.deadline:
                    continue
                try:
                    self._about(found, cell, node, function, (values, other), samples)
                except Exception:  # whatever the student's function makes of other sizes
                    continue
                break
        for name, function in functions.items():  # these stand in, and so get the time that is left
            for values in self.calls.get(name, ())[:1]:
                for make in (self._dependences, self._values):
                    with contextlib.suppress(Exception):
                        make(found, *self.functions[name], function, values)
        return found

    def _about(self, found, cell, node, function, calls, samples):
        values, other = calls
        before = self._traced(node, function, values, shape_of)
        shapes, counts = self._traced(node, function, other, shape_of)
        names = [arg.arg for arg in node.args.args]
        about = {"cell": cell, "function": node.name, "given": described(names, other)}
        arrays = [list(array.shape) for array in arrays_in(other)]
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
        wholes = [parts_of(self._call(function, values)) for values in calls]
        lines = {}
        for statement in statements:
            edited = _scaled(node, statement, factor, function)
            if edited is None or statement.lineno in lines:
                continue
            try:
                results = [parts_of(self._call(edited, values)) for values in calls]
            except Exception:
                results = None  # it does not even run: not that line
            lines[statement.lineno] = results
        for part in wholes[0]:
            if not all(part in whole and np.any(whole[part]) for whole in wholes):
                continue
            right = {
                line: results is not None
                and all(
                    agree(whole[part] * factor, changed.get(part))
                    for whole, changed in zip(wholes, results, strict=True)
                )
                for line, results in lines.items()
            }
            found["conventions"].append(
                about | {"part": part, "factor": factor, "lines": sorted(right.items())}
            )

    # What depends on what ------------------------------------------------------------------

    def _dependences(self, found, cell, node, function, values):
        """Which lines compute something else when one argument has other numbers."""
        names = [arg.arg for arg in node.args.args]
        leaves = list(itertools.islice(changeable(values), ARGUMENTS))
        before, _ = self._traced(node, function, values, numbers_of) if leaves else ({}, {})
        about = {"cell": cell, "function": node.name, "given": described(names, values)}
        for place, key, value in leaves:
            others = other_numbers(value, self.size)
            changed = [
                self._changed(before, node, function, with_entry(values, place, key, other))
                for other in others
            ]
            lines = [
                (spot[0], any(c[spot] for c in changed)) for spot in sorted(before) if all(changed)
            ]
            if len(lines) >= LINES and 0 < sum(yes for _, yes in lines) < len(lines):
                name = names[place] if key is None else f"{names[place]}[{key!r}]"
                now = "" if isinstance(value, np.ndarray) else repr(others[0])
                found["depends"].append(about | {"name": name, "now": now, "lines": lines})

    def _changed(self, before, node, function, values):
        """Which lines compute something else than before; None where not the same lines run."""
        try:
            after, _ = self._traced(node, function, values, numbers_of)
        except (ArithmeticError, ValueError, IndexError, TypeError):  # it takes no such numbers
            return None
        if before.keys() != after.keys():
            return None
        return {spot: not np.array_equal(before[spot], after[spot]) for spot in before}

    def _values(self, found, cell, node, function, values):
        """What the function returns for a few whole numbers."""
        few = small(values, self.size)
        names = [arg.arg for arg in node.args.args]
        about = {"cell": cell, "function": node.name, "given": listed(names, few)}
        for part, value in parts_of(self._call(function, few)).items() if few else ():
            if value.size <= ENTRIES and value.ndim <= 2 and 0.01 < np.abs(value).max() < 1e6:
                found["values"].append(about | {"part": part, "value": value.tolist()})

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

    def _traced(self, node, function, values, kept):
        """``kept`` of what each line assigns when it is first run, and the calls inside."""
        wanted = {
            statement.lineno: statement.targets[0].id
            for statement in _assignments(node)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }
        found, counts, last = {}, {}, [None]
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
            value = kept(frame.f_locals.get(name)) if name else None
            if value is not None:
                found.setdefault((line, name), value)
            last[0] = frame.f_lineno
            return trace

        np.random.seed(0)
        sys.settrace(trace)
        try:
            function(*copy.deepcopy(values))
        finally:
            sys.settrace(None)
        return found, counts

    def _resized(self, node, values):
        """The arguments with one of their lengths changed, and whether it is N in the docstring."""
        samples, lengths = (
            False,
            {length for array in arrays_in(values) for length in array.shape if length > 1},
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
        present = {length for array in arrays_in(values) for length in array.shape}
        size = next(n for n in itertools.count(self.size, 100) if n not in present)
        return with_length(values, max(lengths), size), size if samples else 0


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


def printed(found, sign):
    """The facts as one line that `observe` finds by its ``sign``."""
    return sign + json.dumps(found, default=str)
