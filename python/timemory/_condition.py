"""The conditions of `timemory-analyze --expression`."""

from __future__ import annotations

import ast
import operator
import re

import numpy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy import ndarray

_LONGEST = 1000  # letters
_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.And: numpy.logical_and,
    ast.Or: numpy.logical_or,
}


def condition(text: str) -> Callable[[ndarray], ndarray]:
    """Return what tells for each value of an array whether a condition on `x` is true of it.

    The text is taken apart as Python would, and what isn't listed above is refused: nothing of it is
    ever executed.

    Raises
    ------
    ValueError
        If it is no such condition; it says what is accepted.
    """
    spelled = text.replace("&&", " and ").replace("||", " or ")
    spelled = re.sub(r"!(?!=)", " not ", spelled).strip()

    def of(values: ndarray) -> ndarray:
        with numpy.errstate(all="ignore"):
            return _truth(tree, values)

    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        tree = ast.parse(spelled, mode="eval").body
        of(numpy.zeros((1, 1)))
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        raise ValueError(
            f"{text[:60]!r} is no condition: accepted are comparisons of x with numbers, "
            "+ - * / % **, and, or, not and parentheses, such as 'x > 0.1 and x < 2'"
        ) from None
    return of


def _truth(node: ast.expr, x: ndarray) -> ndarray:
    if isinstance(node, ast.BoolOp):
        combine = _OPERATORS[type(node.op)]
        truth = _truth(node.values[0], x)
        for value in node.values[1:]:
            truth = combine(truth, _truth(value, x))
        return truth
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_truth(node.operand, x)
    if isinstance(node, ast.Compare) and all(type(op) in _OPERATORS for op in node.ops):
        truth = numpy.ones(x.shape, bool)
        left = _number(node.left, x)
        for op, side in zip(node.ops, node.comparators):
            right = _number(side, x)
            truth = truth & _OPERATORS[type(op)](left, right)
            left = right
        return truth
    raise ValueError("not a condition")


def _number(node: ast.expr, x: ndarray) -> Any:
    if isinstance(node, ast.Name) and node.id == "x":
        return x
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return numpy.float64(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_number(node.left, x), _number(node.right, x))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        return _OPERATORS[type(node.op)](_number(node.operand, x))
    raise ValueError("not a number")
