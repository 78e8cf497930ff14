"""What a plan may cost: the rows it could touch, from the page sizes it asks for, told before anything is sent."""

from __future__ import annotations

from typing import Any

from graphql.execution.values import VariableValues

from vegraph.errors import BadUserInput, PlanError
from vegraph.plan import nodes as n
from vegraph.plan.arguments import Arguments
from vegraph.plan.paging import Limits

__all__ = ["TooCostly", "check_cost", "check_rows"]


class TooCostly(PlanError):
    """The plan may touch more rows than allowed."""

    code = "TOO_COMPLEX"


def check_cost(plan: n.OperationPlan, variables: VariableValues | None, limits: Limits) -> int:
    """Rows the plan may touch at most. Raises TooCostly beyond the limit."""
    total = 0
    for root in plan.roots:
        if root.rows is None:
            continue
        rows = _page(root.arguments, variables, limits) if root.connection is not None else 1
        total += rows + _below(root.rows, rows, variables, limits)
    return _within(total, limits)


def check_rows(rows: n.Rows, many: int, variables: VariableValues | None, limits: Limits) -> int:
    """The same for so many rows of one type and what is below them: types of `node` and the like are known late."""
    return _within(many + _below(rows, many, variables, limits), limits)


def _within(total: int, limits: Limits) -> int:
    if total > limits.max_cost:
        raise TooCostly(
            f"This operation may touch {total} rows; at most {limits.max_cost} are allowed. Ask for smaller pages"
            " (first) on the inner lists."
        )
    return total


def _below(rows: n.Rows, parents: int, variables: VariableValues | None, limits: Limits) -> int:
    total = 0
    for relation in rows.relations:
        # To-one rows are not counted: many parents share them, and there are never more than parents.
        here = parents * _page(relation.arguments, variables, limits) if relation.many else 0
        total += here + _below(relation, here or parents, variables, limits)
    return total


def _page(arguments: Arguments, variables: VariableValues | None, limits: Limits) -> int:
    try:
        values: dict[str, Any] = arguments.values(variables)
    except BadUserInput:
        return 1  # told where it is executed
    given = values.get("first")
    given = values.get("last") if given is None else given
    return limits.default_first if given is None else max(0, given)
