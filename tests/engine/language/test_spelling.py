"""A tokenizer that cannot spell the data is noticed before anything is trained."""

import pytest

from engine.language.test_chat import letters
from workbench.engine.language.chat import Chat
from workbench.engine.language.dialogues import Dialogue
from workbench.engine.language.spelling import spelling_findings


def asked(text):
    return Dialogue(({"role": "user", "content": text},))


def test_what_can_be_spelt_needs_no_word():
    assert spelling_findings(Chat(letters()), [asked("plain letters")]) == ()


@pytest.mark.parametrize(
    ("text", "level", "share"), [("nine letters, é", "warning", "6.7%"), ("ééé abc", "refusal", "42.9%")]
)
def test_a_few_unknown_signs_are_told_and_many_refused(text, level, share):
    (finding,) = spelling_findings(Chat(letters()), [asked(text)])
    assert finding.level == level
    assert f"cannot spell {share} of the first 1 texts" in finding.title
