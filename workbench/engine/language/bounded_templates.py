"""Chat templates with a limit: how many steps one rendering may take, and how many characters it may make.

The sandbox of the transformers library keeps a template from touching anything, not from running on without end. Here
the same environment counts: every turn of a loop, call, filter and operator is a step; what they make is measured, and
what would be too large is refused before it is made.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, cast

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from workbench.errors import WorkbenchError

MOST_STEPS = 500_000
MOST_LETTERS = 2**27
_MOST_AT_ONCE = 2**22
# Of lists within lists, which are walked one by one.
_MOST_PARTS = 100_000
_MOST_BITS = 2**17
_MOST_TEMPLATE = 2**17
_SECONDS = 5.0
_STEPS_BETWEEN_CLOCKS = 256
# What an item of a list and an entry of a dictionary take in memory, in characters.
_ITEM, _ENTRY = 16, 100
_OPERATORS = frozenset(("+", "-", "*", "/", "//", "**", "%"))
# Filters that hand items on, and neither compare, hash nor spell them; and those that go through all of them.
_SHALLOW = frozenset(
    (
        *("length", "count", "first", "last", "list", "items", "default", "d", "map", "random", "attr"),
        *("select", "reject", "selectattr", "rejectattr", "reverse", "batch", "slice"),
    )
)
_GATHERING = frozenset(("join", "sum", "sort", "unique", "min", "max", "groupby"))
_SHALLOW_METHODS = frozenset(("items", "keys", "values", "copy"))
_COMPARING = (
    *("eq", "equalto", "==", "ne", "!=", "lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">="),
    "in",
)
_MADE, _TURNS, _WALKED = "workbench made", "workbench turns", "workbench walked"
_FROM_WHERE = "Use another model, or repair its chat template."


class TemplateLimitError(WorkbenchError):
    """A chat template does too much for one conversation."""


class _Budget:
    """What one rendering may still do."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.steps = self.letters = 0
        self._end = time.monotonic() + _SECONDS
        self._next_clock = _STEPS_BETWEEN_CLOCKS

    def step(self) -> None:
        """One more."""
        self.steps += 1
        if self.steps >= self._next_clock:
            self._look_at_clock()

    def spend(self, letters: int) -> None:
        """So many characters were made."""
        self.letters += letters
        if self.letters > MOST_LETTERS:
            self._refuse(f"made more than {MOST_LETTERS:,} characters")

    def refuse_large(self, letters: int) -> None:
        """Refuse what would be made at once."""
        if letters > _MOST_AT_ONCE:
            self._refuse(f"would have made {letters:,} characters at once, of at most {_MOST_AT_ONCE:,}")

    def refuse_bits(self, bits: int) -> None:
        """Refuse a whole number."""
        if bits > _MOST_BITS:
            self._refuse(f"would have made a number of {bits:,} bits, of at most {_MOST_BITS:,}")

    def made(self, value: Any) -> Any:
        """Count a value that is there."""
        self.step()
        self.spend(len(value) if type(value) is str else _size(value))
        return value

    def walk(self, value: Any) -> tuple[int, int]:
        """Characters and depth of a value as a text; lists in lists may be far larger than the memory they take."""
        letters = depth = count = 0
        waiting = [(value, 1)]
        while waiting:
            one, level = waiting.pop()
            depth = max(depth, level)
            letters += _size(one)
            parts = _parts(one)
            if parts is not None:
                for part in parts:
                    waiting.append((part, level + 1))
                    count += 1
                    if count > _MOST_PARTS:
                        self._refuse(f"went through a value of more than {_MOST_PARTS:,} parts")
            self.refuse_large(letters)
        self.steps += count
        return letters, depth

    def _look_at_clock(self) -> None:
        if self.steps > MOST_STEPS:
            self._refuse(f"took more than {MOST_STEPS:,} steps")
        if time.monotonic() > self._end:
            self._refuse(f"took more than {_SECONDS:.0f} s")
        self._next_clock = self.steps + _STEPS_BETWEEN_CLOCKS

    def _refuse(self, what: str) -> None:
        raise TemplateLimitError(f"The chat template of {self._name} {what} for one conversation.", _FROM_WHERE)


def _size(value: Any) -> int:
    """Characters that a value takes by itself."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return _ENTRY * len(value)
    if isinstance(value, list | tuple):
        return _ITEM * len(value)
    return value.bit_length() // 8 if isinstance(value, int) else 0


def _parts(value: Any) -> Iterable[Any] | None:
    if isinstance(value, str | bytes | range):
        return None
    if isinstance(value, Mapping):
        return (part for pair in value.items() for part in pair)
    if isinstance(value, Namespace):
        kept: dict[str, Any] = value._Namespace__attrs
        return kept.values()
    return value if isinstance(value, Collection) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _largest(values: Iterable[Any]) -> int:
    return max((value for value in values if isinstance(value, int)), default=0)


def _numbers_in(form: Any) -> int:
    """Widths and precisions in a format."""
    return sum(int(digits[:12]) for digits in re.findall(r"\d+", _text(form)))


def _replaced(_: _Budget, text: Any, old: Any = "", new: Any = "", *_more: Any) -> int:
    whole = _text(text)
    return len(whole) + (whole.count(_text(old)) if old else len(whole) + 1) * len(_text(new))


def _indented(_: _Budget, text: Any, width: Any = 4, *_more: Any) -> int:
    lines = len(_text(text).splitlines()) + 1
    return len(_text(text)) + lines * (int(width) if isinstance(width, int) else len(_text(width)))


def _in_json(budget: _Budget, value: Any, *more: Any) -> int:
    letters, depth = budget.walk(value)
    widest = max(_largest(more), *(len(one) for one in more if isinstance(one, str)), 0)
    return letters * (1 + widest * depth)


def _formatted(budget: _Budget, form: Any, *values: Any) -> int:
    letters, _ = budget.walk(values)
    fields = max(_text(form).count("%"), _text(form).count("{"))
    dynamic = "*" in _text(form) or "{" in _text(form)
    inside = max((_largest(_parts(value) or ()) for value in values), default=0)
    widest = max(_largest(values), inside) if dynamic else 0
    return len(_text(form)) + _numbers_in(form) + fields * (letters + widest)


def _multiplied(budget: _Budget, *values: Any) -> int:
    """For what puts one text between the letters of another."""
    return (1 + budget.walk(values[:1])[0]) * (1 + budget.walk(values[1:])[0] + _largest(values))


def _escaped(budget: _Budget, *values: Any) -> int:
    return 12 * budget.walk(values)[0]


def _plain(budget: _Budget, *values: Any) -> int:
    return budget.walk(values)[0] + _largest(values)


def _tabs(_: _Budget, text: Any, width: Any = 8) -> int:
    tabs = text.count("\t" if isinstance(text, str) else b"\t")
    return len(text) + int(tabs) * (int(width) if isinstance(width, int) else 0)


def _joined(budget: _Budget, values: Any, between: Any = "", *_more: Any) -> int:
    count = len(values) if isinstance(values, Collection) else 0
    return budget.walk(values)[0] + count * len(_text(between))


_ESTIMATES: dict[str, Callable[..., int]] = {
    "replace": _replaced,
    "indent": _indented,
    "tojson": _in_json,
    "format": _formatted,
    "format_map": _formatted,
    "join": _joined,
    "wordwrap": _multiplied,
    "urlize": _multiplied,
    "translate": _multiplied,
    "truncate": _plain,
    "xmlattr": _escaped,
    "expandtabs": _tabs,
    **dict.fromkeys(("escape", "e", "forceescape", "urlencode", "pprint", "encode"), _escaped),
}


class _Counting(NodeTransformer):
    """Lets everything in a template that could grow pass one of the counting filters."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _through(_TURNS, cast(nodes.Expr, node.iter))
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:
        self.generic_visit(node)
        return _through(_MADE, node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        for pair in node.items:
            if not isinstance(pair.key, nodes.Const):
                pair.key = _through(_WALKED, pair.key)
        return _through(_MADE, node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:
        self.generic_visit(node)
        return _through(_MADE, node) if node.ctx == "load" else node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        return _through(_MADE, node) if isinstance(node.arg, nodes.Slice) else node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        parts: list[Any] = [node, *node.ops]
        # A text or a number is compared at once, with whatever it is.
        if not any(isinstance(part.expr, nodes.Const) for part in parts):
            for part in parts:
                part.expr = _through(_WALKED, part.expr)
        return node


def _through(name: str, node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno, environment=node.environment)


class _Generator(CodeGenerator):
    """Joins by `~` and adds by `+` through the environment, a row of them at once."""

    def visit_Add(self, node: nodes.BinExpr, frame: Frame) -> None:
        parts: list[nodes.Expr] = []
        left: nodes.Expr = node
        while isinstance(left, nodes.Add):
            parts.append(left.right)
            left = left.left
        self.write("environment.added(context, (")
        for part in (left, *reversed(parts)):
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """An environment of the transformers library that counts what a template does."""

    code_generator_class = _Generator
    intercepted_binops = _OPERATORS

    def __init__(self, original: ImmutableSandboxedEnvironment, name: str) -> None:
        """Take over extensions, filters, tests and globals.

        Args:
            original: Whose rendering this one's is.
            name: What the template belongs to, for messages.
        """
        super().__init__(
            trim_blocks=original.trim_blocks,
            lstrip_blocks=original.lstrip_blocks,
            extensions=[type(extension) for extension in original.extensions.values()],
            finalize=self._spelt,
        )
        self._name = name
        self.budget = _Budget(name)
        self.globals.update(original.globals)
        # It makes texts of any length, another one each time.
        self.globals.pop("lipsum", None)
        self.filters.update({key: self._counted(key, one) for key, one in original.filters.items()})
        self.filters |= {_MADE: self._made, _TURNS: self._turns, _WALKED: self._walked}
        self.tests.update({key: self._counted(key, cast(Any, self.tests[key])) for key in _COMPARING})

    def restart(self) -> None:
        """Begin another rendering."""
        self.budget = _Budget(self._name)

    def template(self, text: str) -> Any:
        """A template that counts. Raises TemplateLimitError or an error of Jinja."""
        self.restart()
        return self.from_string(_Counting().visit(self.parse(text)))

    def concat(self, parts: Iterable[str]) -> str:
        """What was written, together."""
        # No more parts than steps and what stands between them.
        kept = list(parts)
        self.budget.spend(sum(map(len, kept)))
        return "".join(kept)

    def added(self, context: Context, parts: tuple[Any, ...]) -> Any:
        """What `+` makes of one after the other."""
        if all(type(part) is str for part in parts):
            self.budget.refuse_large(sum(map(len, parts)))
            return self.budget.made("".join(parts))
        total = parts[0]
        for part in parts[1:]:
            total = self.call_binop(context, "+", total, part)
        return total

    def joined(self, parts: tuple[Any, ...]) -> str:
        """What `~` makes."""
        self.budget.refuse_large(sum(self.budget.walk(part)[0] for part in parts))
        return str(self.budget.made("".join(map(str, parts))))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """What an operator makes, unless that would be too large."""
        whole = isinstance(left, int) and isinstance(right, int)
        if whole:
            self.budget.refuse_bits(_bits(operator, left, right))
        elif operator == "%" and isinstance(left, str | bytes):
            self.budget.refuse_large(_formatted(self.budget, left, right))
        elif operator == "*":
            times = max((value for value in (left, right) if isinstance(value, int)), default=0)
            self.budget.refuse_large(max(_size(left), _size(right), 1) * times)
        elif operator == "+":
            self.budget.refuse_large(_size(left) + _size(right))
        return self.budget.made(super().call_binop(context, operator, left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """What a function makes, unless that would be too large."""
        budget = __self.budget
        # Methods of Python's own types; macros and Jinja's functions are counted by what they do.
        owner = getattr(getattr(__obj, "__wrapped__", __obj), "__self__", None)
        name = getattr(__obj, "__name__", "")
        given = (*args, *kwargs.values())
        if isinstance(owner, str | bytes | list | tuple | dict | int):
            if name not in _SHALLOW_METHODS:
                budget.refuse_large(_estimate(budget, name, _in_order(name, owner, given)))
        else:
            # A loop within itself takes a turn for each item.
            budget.spend(sum(map(_size, given)))
        return budget.made(super().call(__context, __obj, *args, **kwargs))

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A part; finding it takes the time that its key takes."""
        if isinstance(argument, tuple):
            self.budget.walk(argument)
        return super().getitem(obj, argument)

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        passes = 1 if hasattr(function, "jinja_pass_arg") else 0

        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if name in _GATHERING and args[passes:] and isinstance(args[passes], Iterator):
                args = (*args[:passes], list(_Turns(args[passes], self.budget)), *args[passes + 1 :])
            given = (*args[passes:], *kwargs.values())
            if name not in _SHALLOW:
                self.budget.refuse_large(_estimate(self.budget, name, given))
            elif name in {"batch", "slice"}:
                self.budget.refuse_large(_largest(given))
            return self.budget.made(function(*args, **kwargs))

        return counted

    def _spelt(self, value: Any) -> Any:
        self.budget.step()
        if not isinstance(value, str):
            self.budget.walk(value)
        return value

    def _made(self, value: Any) -> Any:
        return self.budget.made(value)

    def _turns(self, values: Any) -> Any:
        return _Turns(values, self.budget) if isinstance(values, Iterable) else values

    def _walked(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.budget.walk(value)
        return value


class _Turns:
    """What a loop goes over, each turn a step."""

    def __init__(self, values: Any, budget: _Budget) -> None:
        self._values, self._budget = values, budget

    def __iter__(self) -> Iterator[Any]:
        for value in self._values:
            self._budget.step()
            yield value

    def __len__(self) -> int:
        return len(self._values)


def _estimate(budget: _Budget, name: str, values: tuple[Any, ...]) -> int:
    """How many characters a function would make, at least; its arguments may be the wrong ones."""
    if name not in _ESTIMATES and all(type(value) is str for value in values):
        return sum(map(len, values))
    estimate: Callable[..., int] = _ESTIMATES.get(name, _plain)
    try:
        return estimate(budget, *values)
    except TypeError:
        # The function itself has the words for wrong arguments.
        return _plain(budget, *values)


def _in_order(name: str, owner: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a method is called with, as the filter of that name takes it."""
    if name == "join":
        return (*given[:1], owner)
    # Finding a key in a dictionary takes the time that the key takes.
    return given if isinstance(owner, dict) else (owner, *given)


def _bits(operator: str, left: int, right: int) -> int:
    if operator == "**":
        return left.bit_length() * max(right, 1)
    return left.bit_length() + right.bit_length()


class ChatTemplate:
    """A chat template that renders as the transformers library renders it, within limits."""

    def __init__(self, text: str, special: Mapping[str, Any], name: str) -> None:
        """Compile a template.

        Args:
            text: The template.
            special: The tokenizer's special tokens, by the names that templates use.
            name: What it belongs to, for messages.

        Raises:
            TemplateLimitError: It is too long, or does too much by itself.
            Exception: What Jinja raises, where it is broken.
        """
        from transformers.utils.chat_template_utils import _compile_jinja_template

        if len(text) > _MOST_TEMPLATE:
            raise TemplateLimitError(
                f"The chat template of {name} has {len(text):,} characters; more than {_MOST_TEMPLATE:,} are not read.",
                _FROM_WHERE,
            )
        self._special = special
        # An empty template, for the library's own environment: a stranger's would be worked on without limits.
        self._environment = BoundedEnvironment(_compile_jinja_template("").environment, name)
        self._template = self._environment.template(text)

    def render(self, messages: Iterable[Mapping[str, Any]], *, ask: bool) -> str:
        """A conversation as text.

        Args:
            messages: At least one.
            ask: Whether it ends where the assistant begins.

        Raises:
            TemplateLimitError: It does too much.
            Exception: Whatever else templates raise.
        """
        from transformers.utils.chat_template_utils import _alias_reasoning_fields, _plain_template_data

        given = [{key: value for key, value in message.items() if value is not None} for message in messages]
        if not given:
            raise ValueError("There is no message in it")
        self._environment.restart()
        text: str = self._template.render(
            messages=_alias_reasoning_fields(_plain_template_data(given)),
            tools=None,
            documents=None,
            add_generation_prompt=ask,
            **self._special,
        )
        return text
