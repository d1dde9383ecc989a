"""Can the student's tokenizer spell the data at all? One made for digits reads words as nothing but unknowns."""

from collections.abc import Sequence

from workbench.engine.language.chat import Chat
from workbench.engine.language.dialogues import Dialogue
from workbench.events import Finding

_LOOKED_AT = 200
_TOO_MUCH = 0.2


def spelling_findings(chat: Chat, dialogues: Sequence[Dialogue]) -> tuple[Finding, ...]:
    """A warning where some of the tokens are unknown, a refusal where many are; judged by the first dialogues."""
    if chat.unknown is None:
        return ()
    looked_at = dialogues[:_LOOKED_AT]
    texts = [text for each in looked_at for text in (each.passage, *(said["content"] for said in each.messages))]
    tokens = [token for text in texts for token in chat.bare(text)]
    share = tokens.count(chat.unknown) / max(len(tokens), 1)
    if not share:
        return ()
    title = f"The student's tokenizer cannot spell {share:.1%} of the first {len(looked_at):,} texts."
    fix = "Use a student, or a tokenizer, that was made for such texts."
    return (Finding(level="refusal" if share > _TOO_MUCH else "warning", title=title, fix=fix),)
