"""Chat templates render as the transformers library renders them, and end in words where they do too much."""

import pytest
from transformers.utils.chat_template_utils import render_jinja_template

from engine.language.test_chat import letters
from workbench.engine.language import bounded_templates
from workbench.engine.language.bounded_templates import ChatTemplate, TemplateLimitError
from workbench.engine.language.chat import Chat

SPECIAL = {"bos_token": "<s>", "eos_token": "</s>"}
CHAT = [
    {"role": "system", "content": " Be brief. "},
    {"role": "user", "content": "What is 2 < 3?", "reasoning": "none"},
    {"role": "assistant", "content": "<think>easy</think>\n\nTrue."},
    {"role": "user", "content": "ä" * 50},
]
TEMPLATES = [
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "{{- bos_token }}{% set system = messages[0].content|trim %}{% for m in messages[1:] %}"
    "{%- if not (m.role == 'tool' or 'tool_calls' in m) %}{{ '[' ~ m.role ~ '] ' + m.content | trim + eos_token }}"
    "{%- endif %}{% endfor %}{{ system }}{{ tools is none }}{{ documents }}",
    "{% set ns = namespace(last=0, all=[]) %}{% for m in messages[::-1] %}"
    "{% set i = (messages|length - 1) - loop.index0 %}"
    "{% if m.role == 'user' and not m.content.startswith('<t') %}{% set ns.last = i %}{% endif %}{% endfor %}"
    "{{ ns.last }}{% for m in messages %}{{ m.content.split('</think>')[-1].lstrip('\n') }}{{ m.reasoning_content }}"
    "{% if loop.last %}!{% endif %}{{ loop.cycle('a', 'b') ~ loop.revindex ~ loop.length }}{% endfor %}",
    "{% macro one(m, n=1) %}<{{ m.role|upper }}:{{ n * 2 }}>{{ caller() if caller else '' }}{% endmacro %}"
    "{% for m in messages %}{{ one(m) }}{% call one(m, n=loop.index) %}x{% endcall %}{{ m|tojson(indent=2) }}{{ m }}"
    "{% generation %}{{ m.content }}{% endgeneration %}{% if loop.index is divisibleby 2 %}{% continue %}{% endif %}"
    "{{ '%s and %5d' % (m.role, 7) }}{{ '{:>8}'.format(m.role) }}{% endfor %}"
    "{{ messages|map(attribute='role')|unique|join(', ') }}"
    "{{ messages|selectattr('role', 'equalto', 'user')|list|length }}"
    "{{ 7 // 2 ** 2 - 1 }}{{ [1, (2, 'x'), {'a': none}] }}{% set block %}a{{ 1 }}{% endset %}{{ block|indent(4) }}"
    "{% for k, v in messages[0].items() %}{{ k ~ '=' ~ v }}{% else %}none{% endfor %}{{ range(3)|sum }}",
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("ask", [False, True])
def test_a_template_renders_as_transformers_renders_it(template, ask):
    (theirs,), _ = render_jinja_template([CHAT], chat_template=template, add_generation_prompt=ask, **SPECIAL)
    assert ChatTemplate(template, SPECIAL, "x").render(CHAT, ask=ask) == theirs


def test_each_conversation_has_all_steps_for_itself(monkeypatch):
    monkeypatch.setattr(bounded_templates, "MOST_STEPS", 1000)
    template = ChatTemplate("{% for i in range(200) %}{% endfor %}", {}, "x")
    for _ in range(20):
        assert template.render(CHAT, ask=True) == ""


def test_what_does_too_much_names_its_model_the_number_and_the_limit():
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    template = ChatTemplate(endless, {}, "here")
    with pytest.raises(TemplateLimitError, match="chat template of here took more than 500,000 steps for one conv"):
        template.render(CHAT, ask=True)
    with pytest.raises(TemplateLimitError, match="made 1,000,000,036 characters at once, of at most 4,194,304"):
        ChatTemplate("{{ 'a'|center(1000000000) }}", {}, "here").render(CHAT, ask=True)


def test_a_model_with_such_a_template_is_refused_when_it_is_looked_at():
    chat = Chat(letters(template="{{ messages[0].content * 1000000000 }}"), "here")
    with pytest.raises(TemplateLimitError, match="of here would have made"):
        chat.refuse_endless_template()
    Chat(letters(template="{{ raise_exception('no') }}"), "here").refuse_endless_template()
