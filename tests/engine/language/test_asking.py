"""What a person asked is found again in what the model read."""

import pytest
from tokenizers import Tokenizer, decoders
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing

from engine.language.test_chat import letters
from workbench.engine.language.asking import asking_of, question_in
from workbench.engine.language.chat import Chat
from workbench.engine.language.model import LanguageBlueprint


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        ([{"role": "user", "content": "2+2"}], "2+2"),
        ([{"role": "system", "content": "be"}, {"role": "user", "content": "2"}], "system\nbe\nuser\n2\nassistant\n"),
    ],
)
def test_of_a_prompt_the_question_is_shown_and_of_any_other_all_of_it(messages, shown):
    chat = Chat(letters())
    assert question_in(chat, asking_of(chat), chat.prompt(messages)) == shown


def test_without_a_template_the_token_that_begins_every_text_stands_before_the_question():
    names = ["<s>", "</s>", "a", "b"]
    tokenizer = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, unk_token="</s>"))  # noqa: S106
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    chat = Chat(LanguageBlueprint(config="{}", tokenizer=tokenizer.to_str()))
    assert asking_of(chat).before == "<s>"
