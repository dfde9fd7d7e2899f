"""Every small way to spoil a function: one operator, one constant, one term, one call at a time.

A check is trusted when it rejects all of these. The few that mean the same as the original are named, with the
reason, in the exercise (`Exercise.mutants`).
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from damtutor.checks.engine.limits import Limits

# What a mutant may take, on a fast processor ten times the slowest (capacity.2, 0.4 s) and forty times the slowest
# reference (modern.5, 0.13 s). None is endless so far; one that is costs this much. Those that are listed to pass are
# given all that a learner's answer may take: no machine is slow enough to make them look rejected.
ENDLESS = Limits(seconds=5.0)

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


@dataclass(frozen=True)
class Mutant:
    """A spoilt function: what was changed, as "before -> after", and its whole source."""

    change: str
    line: int
    source: str

    def build(self, original: Callable) -> Callable:
        """The spoilt function, with the original's globals."""
        scope = dict(original.__globals__)
        exec(compile(self.source, f"<{self.change}>", "exec"), scope)
        return scope[original.__name__]


def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of this node."""
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS.get(type(node.op), ()):
            yield ast.BinOp(node.left, operator(), node.right)
        yield node.left
        yield node.right
    elif isinstance(node, ast.AugAssign):
        for operator in OPERATORS.get(type(node.op), ()):
            yield ast.AugAssign(node.target, operator(), node.value)
        yield ast.Pass()
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        yield ast.Pass()
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for operator in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [operator()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.If | ast.IfExp):
        for truth in (True, False):
            yield type(node)(ast.Constant(truth), node.body, node.orelse)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.Call):
        # a cast, a copy, a sum or a sign taken away
        if isinstance(node.func, ast.Attribute) and not _module(node.func.value):
            yield node.func.value
        if len(node.args) == 1:
            yield node.args[0]


def _module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "math")


def mutants(function: Callable) -> list[Mutant]:
    """All single changes of `function`, its docstring left alone, without repeats."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    original = ast.unparse(tree)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found, seen = [], {original}
    for number, node in enumerate(ast.walk(tree)):
        for choice in range(len(list(replacements(node)))):
            spoilt = copy.deepcopy(tree)
            place = list(ast.walk(spoilt))[number]
            new = list(replacements(place))[choice]
            _Swap(place, new).visit(spoilt)
            source = ast.unparse(ast.fix_missing_locations(spoilt))
            if source not in seen:
                seen.add(source)
                found.append(Mutant(_change(node, parents, new), getattr(node, "lineno", 0), source))
    return found


def _change(node: ast.AST, parents: dict, new: ast.AST) -> str:
    """Before and after; a lone constant is shown in the expression around it."""
    if isinstance(node, ast.Constant) and isinstance(parents[node], ast.expr):
        around = copy.deepcopy(parents[node])
        place = [child for child in ast.walk(around) if ast.dump(child) == ast.dump(node)]
        index = [c for c in ast.walk(parents[node]) if ast.dump(c) == ast.dump(node)].index(node)
        after = ast.unparse(_Swap(place[index], new).visit(around))
        return f"{ast.unparse(parents[node])} -> {after}"
    before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(copy.deepcopy(new)))
    return f"{' '.join(before.split())} -> {' '.join(after.split())}"


class _Swap(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST):
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def survivors(id: str) -> tuple[int, list[str], float]:
    """Judge every mutant of one exercise's reference: how many there are, the changes that pass, and seconds taken."""
    from damtutor.checks import find, judge

    exercise, began = find(id), time.perf_counter()
    spoilt = mutants(exercise.reference)
    listed, alive = dict(exercise.mutants.equivalent), []
    for m in spoilt:
        np.random.seed(0)  # noqa: NPY002 - for mutants that draw from NumPy's own state: the same draw in every run
        if judge(exercise, m.build(exercise.reference), Limits() if m.change in listed else ENDLESS).correct:
            alive.append(m.change)
    return len(spoilt), alive, time.perf_counter() - began
