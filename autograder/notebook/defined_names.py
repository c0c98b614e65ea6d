"""The names that the cells of a notebook define, import and read.

IPython's own transformer decides what of a cell is a magic: a ``%`` in a string is none.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
# %%magics whose cell runs in another process or language, or is only kept. That of others
# (%%time, %%capture, a course's own) is taken for Python.
_FOREIGN = re.compile(
    r"!|bash|sh|script|perl|ruby|python[23]?|pypy|system|sx|cmd|html|svg|latex|markdown|javascript"
    r"|js|writefile|file|r|sql|cython|julia|octave|fortran|ai|skip|timeit",
    re.I,
).fullmatch
_RUN_HERE = frozenset({"time", "prun", "capture", "memit", "lprun", "mprun"})
_MAGICS = re.compile(r"^[^\S\n]*+[%!?]|=[^\S\n]*+[%!]|\?[^\S\n]*+$", re.M)
MOST_READ = 1_000_000  # characters: IPython reads a cell again for each of its magics
# The last: IPython takes no more than 500 magics in one cell.
_PARSED = SyntaxError, ValueError, RecursionError, MemoryError, RuntimeError


def solution_names(text: str) -> dict[str, str]:
    """The names that a cell's code defines: name -> "function", "class" or "variable".

    What is bound at the top level counts, inside ``if``, ``for``, ``with``, ``try`` and ``match``
    too, by ``:=`` in a comprehension, and by a function that declares a name ``global``; imported
    names do not: they are the library's, not the student's.

    Raises SyntaxError when the text is not Python.
    """
    return _names(ast.parse(text))


def defined_names(text: str) -> dict[str, str]:
    """Names that a cell defines -> "function", "class" or "variable"; none if it is not Python."""
    try:
        return _names(parsed(text))
    except _PARSED:
        return {}


def imported_names(text: str) -> dict[str, str]:
    """Names that a cell imports at the top level -> the statements; ``*`` for all of a module."""
    found: dict[str, str] = {}
    try:
        nodes = list(_module_scope(parsed(text)))
    except _PARSED:
        return {}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                statement = ast.unparse(_with_names(node, alias))
                found[name] = f"{found[name]}\n{statement}" if name in found else statement
    return found


def imported_modules(text: str) -> list[str]:
    """Modules that a cell imports at the top level; ``a.b``, too, of ``from a import b``.

    Whether ``a.b`` is a module only importing it can tell.
    """
    try:
        nodes = list(_module_scope(parsed(text)))
    except _PARSED:
        return []
    found: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [alias.name for alias in node.names if alias.name != "*"]
            found += [node.module, *(f"{node.module}.{name}" for name in names)]
    return list(dict.fromkeys(found))


def read_names(text: str) -> set[str]:
    """Names that a cell reads, in its functions too, and does not make; none of Python's own."""
    try:
        top = symtable.symtable(ast.unparse(parsed(text)), "cell", "exec")
    except _PARSED:
        return set()
    made = {one.get_name() for one in top.get_symbols() if one.is_assigned() or one.is_imported()}
    read = {
        symbol.get_name()
        for table in _tables(top)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    return read - made - set(vars(builtins)) - {"get_ipython"}


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


@lru_cache(256)
def parsed(text: str) -> ast.Module:
    """The cell as Python; an empty tree when it is none."""
    try:
        return ast.parse(text)
    except SyntaxError:
        pass
    except (ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
    if len(text) * (1 + len(_MAGICS.findall(text))) > MOST_READ:
        return ast.Module([], [])
    try:
        tree = ast.parse(_transformer().transform_cell(text))
        return ast.Module(list(_without_magics(tree.body)), [])
    except _PARSED:
        return ast.Module([], [])


@cache
def _transformer() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager  # costs half a second

    return TransformerManager()


def _without_magics(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, with those inside of magics that run them here."""
    for statement in body:
        yield statement
        for node in ast.walk(statement):
            yield from _inside(node)


def _inside(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that ``get_ipython().run_cell_magic(name, line, cell)`` or the like runs."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    given = [one.value for one in node.args if isinstance(one, ast.Constant)]
    match node.func.attr, given:
        case "run_cell_magic", [str(magic), str(line), str(cell)] if not _FOREIGN(magic):
            yield from parsed(cell).body
            if magic == "capture":  # %%capture output
                yield from parsed("".join(f"{word} = None\n" for word in line.split()[-1:])).body
        case "run_line_magic", [str(magic), str(line)] if magic in _RUN_HERE:
            yield from parsed(line).body


def _names(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in _module_scope(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names[name] = "function"
                names |= dict.fromkeys(_made_global(node), "variable")
            case ast.ClassDef(name=name):
                names[name] = "class"
            case ast.Name(id=name, ctx=ast.Store()):
                names[name] = "variable"
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names[name] = "variable"
            case ast.MatchMapping(rest=str(name)):
                names[name] = "variable"
    return names


def _module_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below this one whose names are the module's own."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                yield child
                for part in _evaluated_outside(child):
                    yield part
                    yield from _module_scope(part)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from _walrus_targets(child)
            case _:
                yield child
                yield from _module_scope(child)


def _evaluated_outside(node: Any) -> Iterator[ast.AST]:
    """Of a function or class what runs where it is defined: decorators, defaults, bases."""
    yield from getattr(node, "decorator_list", ())
    yield from getattr(node, "bases", ())
    arguments = node.args if isinstance(node, _FUNCTIONS | ast.Lambda) else None
    if arguments is not None:
        yield from arguments.defaults
        yield from (default for default in arguments.kw_defaults if default is not None)


def _walrus_targets(node: ast.AST) -> Iterator[ast.AST]:
    """What ``:=`` binds outside of a comprehension."""
    for child in ast.walk(node):
        if isinstance(child, ast.NamedExpr):
            yield child.target


def _made_global(function: ast.AST) -> set[str]:
    """Names that a function declares global, and sets or deletes."""
    nodes = list(ast.walk(function))
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    set_here = {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    return declared & set_here


def _with_names(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(node.module, [alias], node.level)
