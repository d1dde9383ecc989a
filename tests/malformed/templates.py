"""Chat templates that would never end, or make any amount of text, within the sandbox."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from malformed import good
from malformed.case import ACCEPTED, REFUSED, Case

FAMILY = "chat templates without end"
_LIMITS = "more than [0-9,]+ (steps|characters|parts|are not read)|at most [0-9,]+|more than 5 s"


def cases() -> Iterator[Case]:
    """Beside a good tokenizer; what fails in words of Jinja matters only when a conversation comes."""
    for name, template in _ENDLESS.items():
        yield Case(name, _folder(template), "tokenizer", REFUSED, _LIMITS, names="model")
    for name, template in _HARMLESS.items():
        yield Case(name, _folder(template), "tokenizer", ACCEPTED)


def _folder(template: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        good.write("model/tokenizer.json", good.tokenizer)(folder)
        good.write("model/tokenizer_config.json", json.dumps({"unk_token": "[UNK]"}))(folder)
        return good.write("model/chat_template.jinja", template)(folder).parent

    return make


def _again(step: str, start: str = "x='a'") -> str:
    return f"{{% set ns = namespace({start}) %}}{{% for i in range(60) %}}{{% set ns.x = {step} %}}{{% endfor %}}"


_NESTED = (
    "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}"
    "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}"
)
_TUPLE = "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}"
_LARGE = "1000000000"
_ENDLESS = {
    "loops in loops": "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "a macro that calls itself twice": (
        "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}"
    ),
    "a text times 10^9": f"{{{{ 'a' * {_LARGE} }}}}",
    "a list times 10^9": f"{{{{ [1] * {_LARGE} }}}}",
    "a text doubled by ~": _again("ns.x ~ ns.x"),
    "a text doubled by +": _again("ns.x + ns.x"),
    "a text doubled by join": _again("[ns.x, ns.x]|join"),
    "a text doubled by format": _again("'%s%s'|format(ns.x, ns.x)"),
    "a text doubled by str.format": _again("'{0}{0}'.format(ns.x)"),
    "a text doubled by replace": _again("ns.x|replace('a', 'aa')"),
    "a text doubled by str.replace": _again("ns.x.replace('a', 'aa')"),
    "a text doubled in a block": (
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}"
        "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}{% endfor %}"
    ),
    "a number squared 60 times": _again("ns.x * ns.x", "x=10"),
    "a power of a power": "{{ 10 ** (10 ** 10) }}",
    "lists in lists, written": _NESTED + "{{ ns.x }}",
    "lists in lists, compared": _NESTED + "{{ ns.x == ns.y }}",
    "lists in lists, sorted": _NESTED + "{{ [ns.x, ns.y]|sort|length }}",
    "lists in lists, counted": _NESTED + "{{ [ns.x].count(ns.y) }}",
    "lists in lists, tested": _NESTED + "{{ ns.x is eq(ns.y) }}",
    "lists in lists, as JSON": _NESTED + "{{ ns.x|tojson }}",
    "tuples in tuples for a key": _TUPLE + "{{ {ns.x: 1}|length }}",
    "tuples in tuples, looked up": _TUPLE + "{{ {}.get(ns.x) }}",
    "namespaces in namespaces": (
        "{% set k = namespace(n=1) %}{% for i in range(60) %}"
        "{% set k.n = namespace(a=k.n, b=k.n) %}{% endfor %}{{ k.n }}"
    ),
    "center": f"{{{{ 'a'|center({_LARGE}) }}}}",
    "ljust": f"{{{{ 'a'.ljust({_LARGE}) }}}}",
    "zfill": f"{{{{ 'a'.zfill({_LARGE}) }}}}",
    "tabs": f"{{{{ '\t'.expandtabs({_LARGE}) }}}}",
    "indent": f"{{{{ ('a\n' * 1000)|indent({_LARGE}) }}}}",
    "an indent in JSON": f"{{{{ [[[1]]]|tojson(indent={_LARGE}) }}}}",
    "a width in a format": f"{{{{ '%{_LARGE}d' % 1 }}}}",
    "a width beside a format": f"{{{{ '%*d' % ({_LARGE}, 1) }}}}",
    "a width in str.format": f"{{{{ '{{:>{_LARGE}}}'.format('a') }}}}",
    "a width beside str.format": f"{{{{ '{{:>{{}}}}'.format('a', {_LARGE}) }}}}",
    "join by a long text": "{{ range(100000)|map('string')|join('a' * 1000000) }}",
    "wordwrap": "{{ ('a' * 100000)|wordwrap(1, wrapstring='a' * 100000) }}",
    "translate": "{{ ('a' * 100000).translate({97: 'a' * 100000}) }}",
    "a filter around a block": f"{{% filter center({_LARGE}) %}}a{{% endfilter %}}",
    "a long text in a loop": "{% for a in range(100000) %}" + "x" * 100_000 + "{% endfor %}",
    "slices of a slice": f"{{{{ [1]|slice({_LARGE})|list|length }}}}",
    "a template of 10^6 characters": "{{ 1 }}" * 140_000,
}
_HARMLESS = {
    "a macro that calls itself for ever": "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "a loop that calls itself for ever": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "made-up text": "{{ lipsum(1000000000) }}",
    "half a tag": "{% for m in messages",
    "parentheses 5,000 deep": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "a file to include": "{% include '/etc/passwd' %}",
    "Python's own names": "{{ messages.__class__.__mro__[1].__subclasses__() }}",
}
