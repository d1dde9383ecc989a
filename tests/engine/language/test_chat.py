"""Only what the assistant wrote is learnt, whatever the template puts around it."""

import json

import pytest
from tokenizers import Tokenizer, decoders
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing

from workbench.engine.language.chat import Chat
from workbench.engine.language.model import LanguageBlueprint
from workbench.errors import WorkbenchError

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
FORGETFUL = "{% for m in messages %}{{ m['content'] if loop.last else '…' }}<|im_end|>{% endfor %}"
ASKED = {"role": "user", "content": "2+2"}
ANSWERED = {"role": "assistant", "content": "4!"}


def letters(template=CHATML, **settings):
    """A tokenizer with one token a letter, as a blueprint."""
    special = ["<|im_start|>", "<|im_end|>", "<unk>"]
    names = special + [chr(code) for code in range(32, 127)] + ["\n", "…"]
    tokenizer = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, unk_token="<unk>"))  # noqa: S106
    tokenizer.add_special_tokens(special)
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    settings = {"eos_token": "<|im_end|>", "chat_template": template} | settings
    return LanguageBlueprint(config="{}", tokenizer=tokenizer.to_str(), tokenizer_config=json.dumps(settings))


def learnt(chat, encoded):
    return chat.text([encoded.tokens[place] for place in encoded.targets], all_of_it=True)


def test_what_the_assistant_says_is_learnt_with_the_token_that_ends_it():
    chat = Chat(letters())
    assert learnt(chat, chat.conversation([ASKED, ANSWERED])) == "4!<|im_end|>"


def test_of_several_answers_all_are_learnt_and_nothing_between_them():
    chat = Chat(letters())
    talk = [
        {"role": "system", "content": "be brief"},
        ASKED,
        ANSWERED,
        ASKED,
        {"role": "assistant", "content": "still"},
    ]
    assert learnt(chat, chat.conversation(talk)) == "4!<|im_end|>still<|im_end|>"


def test_a_prompt_ends_where_the_answer_begins():
    chat = Chat(letters())
    whole = chat.conversation([ASKED, ANSWERED])
    prompt = chat.prompt([ASKED])
    assert whole.tokens[: len(prompt)] == prompt
    assert whole.targets[0] == len(prompt)


def test_without_a_template_an_answer_follows_its_prompt_and_ends():
    chat = Chat(letters(template=""))
    encoded = chat.conversation([ASKED, ANSWERED])
    assert chat.text(encoded.tokens, all_of_it=True) == "2+24!<|im_end|>"
    assert learnt(chat, encoded) == "4!<|im_end|>"
    assert not chat.has_template


def test_running_text_is_learnt_but_for_its_first_token():
    chat = Chat(letters())
    encoded = chat.plain("hello")
    assert learnt(chat, encoded) == "ello<|im_end|>"


def test_a_cut_text_learns_only_what_is_left():
    chat = Chat(letters())
    encoded = chat.conversation([ASKED, ANSWERED])
    cut = encoded.cut(encoded.targets[0] + 1)
    assert len(cut.tokens) == encoded.targets[0] + 1
    assert cut.targets == encoded.targets[:1]


def test_a_template_that_forgets_what_it_rendered_is_refused():
    chat = Chat(letters(template=FORGETFUL))
    with pytest.raises(WorkbenchError, match="which tokens the assistant wrote"):
        chat.conversation([ASKED, ANSWERED, ASKED, ANSWERED])


def test_a_template_that_refuses_says_so():
    chat = Chat(letters(template="{{ raise_exception('no systems here') }}"))
    with pytest.raises(WorkbenchError, match="no systems here"):
        chat.prompt([ASKED])


def test_every_token_that_may_end_a_text_does():
    blueprint = letters().model_copy(update={"generation": json.dumps({"eos_token_id": [1, 5]})})
    assert Chat(blueprint).stop == {1, 5}


def test_a_broken_tokenizer_is_refused_in_words():
    with pytest.raises(WorkbenchError, match="tokenizer cannot be read"):
        Chat(LanguageBlueprint(config="{}", tokenizer="{}"))


def test_a_token_keeps_the_space_that_sentencepiece_writes_in_front_of_it():
    names = ["<s>", "\u2581two", "fold"]
    tokenizer = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, unk_token="<s>"))  # noqa: S106
    tokenizer.decoder = decoders.Metaspace()
    chat = Chat(LanguageBlueprint(config="{}", tokenizer=tokenizer.to_str()))
    assert [chat.piece(token) for token in (1, 2)] == [" two", "fold"]


def test_a_token_that_the_tokenizer_puts_before_every_text_is_there_once():
    plain = letters(template="")
    tokenizer = Tokenizer.from_str(plain.tokenizer)
    ends = [("<unk>", 2), ("<|im_end|>", 1)]
    tokenizer.post_processor = TemplateProcessing(single="<unk> $A <|im_end|>", special_tokens=ends)
    begun = {"tokenizer": tokenizer.to_str()}
    chat, bare = Chat(plain.model_copy(update=begun)), Chat(plain).bare
    assert chat.prompt([ASKED]) == (2, *bare("2+2"))
    assert chat.plain("ab").tokens == (2, *bare("ab"), 1)
    whole = chat.conversation([ASKED, ANSWERED])
    assert whole.tokens == (2, *bare("2+24!"), 1)
    assert learnt(chat, whole) == "4!<|im_end|>"
    # Templates write it themselves.
    assert Chat(letters().model_copy(update=begun)).prompt([ASKED]) == Chat(letters()).prompt([ASKED])


def test_a_template_that_tells_the_day_tells_the_same_one_every_day():
    template = "{{ strftime_now('%d %b %Y') }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    assert Chat(letters(template=template)).prompt_text([ASKED]) == "26 Jul 20242+2"
