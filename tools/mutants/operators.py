"""Small mistakes in Python source: where each could be made, and the source with it.

Docstrings, messages, annotations, decorators and what only a type checker sees are left alone.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass

Edit = tuple[ast.AST, str]
"""A node, and the text that takes its place."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One mistake in one file."""

    path: str
    """Of the file, below the root of the tree."""
    operator: str
    """A name of OPERATORS."""
    line: int
    start: int
    """First byte of the file that is replaced."""
    end: int
    text: str
    """What takes their place."""
    digest: str
    """Of the file that the mutant was made from."""

    @property
    def key(self) -> str:
        """The same for the same mistake in the same file; another one once the file has changed."""
        told_apart = repr((self.start, self.end, self.text, self.digest)).encode()
        return f"{self.path}:{self.line}:{self.operator}:{hashlib.sha256(told_apart).hexdigest()[:8]}"

    def applied(self, source: str) -> str:
        """The source with the mistake. :raises ValueError: when it is not the source that the mutant was made from"""
        if digest_of(source) != self.digest:
            raise ValueError(f"{self.path} has changed since the mutant was drawn")
        content = source.encode()
        return (content[: self.start] + self.text.encode() + content[self.end :]).decode()


def digest_of(source: str) -> str:
    """SHA-256 of a source."""
    return hashlib.sha256(source.encode()).hexdigest()


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every mutant of a file, in the order of the text; some may not differ or not be Python: see `differs`."""
    digest, position = digest_of(source), _positions(source)
    found = {}
    for node in _code(ast.parse(source)):
        for operator, kinds in OPERATORS.items():
            for target, text in (edit for kind in kinds for edit in kind(node, source)):
                start, end = position(target)
                mutant = Mutant(
                    path=path, operator=operator, line=target.lineno, start=start, end=end, text=text, digest=digest
                )
                found.setdefault((start, end, text), mutant)
    return [found[place] for place in sorted(found)]


def differs(mutant: Mutant, source: str) -> bool:
    """Whether the mutant is Python, and not just the same code written differently."""
    try:
        return ast.dump(ast.parse(mutant.applied(source))) != ast.dump(ast.parse(source))
    except SyntaxError:
        return False


def _positions(source: str) -> Callable[[ast.AST], tuple[int, int]]:
    """Gives first and last byte of a node."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return lambda node: (
        starts[node.lineno - 1] + node.col_offset,
        starts[node.end_lineno - 1] + node.end_col_offset,
    )


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it that decide what happens when the program runs."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _inert(child):
                yield from _code(child)


def _inert(node: ast.AST) -> bool:
    """Imports, text, and blocks that run for a type checker or a command line alone."""
    if isinstance(node, ast.If):
        return any(name in ast.unparse(node.test) for name in ("TYPE_CHECKING", "__name__"))
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom)


COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


def swapped_comparisons(node: ast.AST, source: str) -> Iterator[Edit]:
    """`<` for `<=` or `>=`, `==` for `!=`, `in` for `not in`."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            for other in COMPARISONS[type(operator)]:
                yield node, _text(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])


def swapped_arithmetic(node: ast.AST, source: str) -> Iterator[Edit]:
    """`+` for `-`, `*` for `/`, and so on; `+=` too; a minus sign lost."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield node, _text(node, op=ARITHMETIC[type(node.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node, _text(node.operand)


def changed_constants(node: ast.AST, source: str) -> Iterator[Edit]:
    """A number one more or one less, True for False."""
    if isinstance(node, ast.Constant):
        yield from ((node, repr(value)) for value in _other_values(node.value))


def changed_defaults(node: ast.AST, source: str) -> Iterator[Edit]:
    """The default text of a parameter or of a field left empty; numbers are those of `changed_constants`."""
    if isinstance(node, ast.arguments):
        defaults = [*node.defaults, *filter(None, node.kw_defaults)]
    elif isinstance(node, ast.ClassDef):
        defaults = [field.value for field in node.body if isinstance(field, ast.AnnAssign) and field.value]
    else:
        defaults = []
    for value in defaults:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value, repr("" if value.value else "other")


def swapped_booleans(node: ast.AST, source: str) -> Iterator[Edit]:
    """`and` for `or`."""
    if isinstance(node, ast.BoolOp):
        yield node, _text(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())


def negated_conditions(node: ast.AST, source: str) -> Iterator[Edit]:
    """`not` put before a condition; comparisons are those of `swapped_comparisons`."""
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        tests = [node.test]
    else:
        tests = node.ifs if isinstance(node, ast.comprehension) else []
    for test in tests:
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not negated and not (isinstance(test, ast.Compare) and len(test.ops) == 1):
            yield test, _text(ast.UnaryOp(ast.Not(), test))


def removed_negations(node: ast.AST, source: str) -> Iterator[Edit]:
    """A `not` left out."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, _text(node.operand)


def dropped_arguments(node: ast.AST, source: str) -> Iterator[Edit]:
    """A call without one of its keywords, or without the last of several positional arguments."""
    if isinstance(node, ast.Call):
        for dropped in node.keywords:
            if dropped.arg is not None:
                yield node, _text(node, keywords=[keyword for keyword in node.keywords if keyword is not dropped])
        if len(node.args) > 1 and not isinstance(node.args[-1], ast.Starred):
            yield node, _text(node, args=node.args[:-1])


def swapped_arguments(node: ast.AST, source: str) -> Iterator[Edit]:
    """Two neighbouring arguments of a call exchanged."""
    if isinstance(node, ast.Call):
        for index in range(len(node.args) - 1):
            left, right = node.args[index : index + 2]
            if not isinstance(left, ast.Starred) and not isinstance(right, ast.Starred):
                yield node, _text(node, args=[*node.args[:index], right, left, *node.args[index + 2 :]])


def early_returns(node: ast.AST, source: str) -> Iterator[Edit]:
    """A function that returns before its first statement."""
    if isinstance(node, ast.FunctionDef):
        body = [statement for statement in node.body if not _inert(statement)]
        first = body[0] if body else ast.Pass()
        returns_nothing = isinstance(first, ast.Return) and first.value is None
        if not returns_nothing and not isinstance(first, ast.Pass):
            yield first, f"return\n{' ' * first.col_offset}{ast.get_source_segment(source, first)}"


OPERATORS: dict[str, tuple[Callable[[ast.AST, str], Iterator[Edit]], ...]] = {
    "comparison": (swapped_comparisons,),
    "arithmetic": (swapped_arithmetic,),
    "constant": (changed_constants, changed_defaults),
    "boolean": (swapped_booleans, negated_conditions, removed_negations),
    "argument": (dropped_arguments,),
    "swap": (swapped_arguments,),
    "return": (early_returns,),
}


def _other_values(value: object) -> tuple:
    if isinstance(value, bool):
        return (not value,)
    return (value + 1, value - 1) if isinstance(value, int | float) else ()


def _text(node: ast.AST, **changes) -> str:
    """The source of a node with other fields, in brackets where its neighbours could take it apart."""
    changed = copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    text = ast.unparse(ast.fix_missing_locations(changed))
    return f"({text})" if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp) else text
