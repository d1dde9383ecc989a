"""A watched text token by token, watched prompts continued, and what rollouts are like.

T tokens, V vocabulary.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel
from workbench.engine.objectives import log_p
from workbench.events import Continued, TokenSeen

_LIKELIEST = 5
_LONGEST = 256
_GRAM = 4


@torch.no_grad()
def look_at_text(
    student: LanguageModel, teacher: LanguageModel | None, chat: Chat, text: Encoded
) -> tuple[TokenSeen, ...]:
    """What both expected at each token of a text; of the first nobody can expect anything. Long texts are cut.

    Args:
        student: In eval mode.
        teacher: The same; None without one.
        chat: Their tokenizer.
        text: At least two tokens.
    """
    text = text.cut(_LONGEST)
    device = next(student.parameters()).device
    tokens_BT = torch.tensor([text.tokens], device=device)
    log_s_TV = _expected(student, tokens_BT)
    log_t_TV = None if teacher is None else _expected(teacher, tokens_BT)
    kl: list[float | None] = [None] * (len(text.tokens) - 1)
    if log_t_TV is not None:
        width = min(log_s_TV.shape[1], log_t_TV.shape[1])
        shared, taught = log_p(log_s_TV[:, :width], 1.0), log_p(log_t_TV[:, :width], 1.0)
        kl = [max(value, 0.0) for value in (taught.exp() * (taught - shared)).sum(1).tolist()]
    own = log_s_TV.gather(1, tokens_BT[0, 1:, None])[:, 0].exp().tolist()
    top_s, top_t = _likeliest(log_s_TV, chat), _likeliest(log_t_TV, chat)
    scored = set(text.targets)
    first = TokenSeen(
        text=chat.piece(text.tokens[0]), is_scored=False, probability=1.0, kl=None, teacher=(), student=()
    )
    return first, *(
        TokenSeen(
            text=chat.piece(token),
            is_scored=place in scored,
            probability=own[place - 1],
            kl=kl[place - 1],
            teacher=top_t[place - 1] if top_t else (),
            student=top_s[place - 1],
        )
        for place, token in enumerate(text.tokens)
        if place
    )


def continue_prompts(
    student: LanguageModel, teacher_texts: Sequence[str], chat: Chat, prompts: Sequence[tuple[int, ...]], most: int
) -> tuple[Continued, ...]:
    """How the student goes on, beside what the teacher wrote before; `teacher_texts` is empty without one."""
    texts = greedy(student, chat, prompts, most)
    taught = teacher_texts or [""] * len(prompts)
    rows = zip(prompts, taught, texts, strict=True)
    return tuple(Continued(prompt=chat.text(prompt), teacher=said, student=own) for prompt, said, own in rows)


def greedy(model: LanguageModel, chat: Chat, prompts: Sequence[tuple[int, ...]], most: int) -> list[str]:
    """What a model writes when it always takes the likeliest token; its mode is put back."""
    if not prompts:
        return []
    was_training = model.training
    model.eval()
    sampling = Sampling(temperature=0, most=most)
    written = write(model.network, prompts, sampling, stop=chat.stop, generator=torch.Generator())
    model.train(was_training)
    return [chat.text(tokens) for tokens in written]


def repeated_share(texts: Sequence[Sequence[int]]) -> float:
    """Share of four-token sequences that came before in the same text: what loops looks like in a number."""
    again = total = 0
    for tokens in texts:
        seen: set[tuple[int, ...]] = set()
        for start in range(len(tokens) - _GRAM + 1):
            gram = tuple(tokens[start : start + _GRAM])
            again += gram in seen
            total += 1
            seen.add(gram)
    return again / total if total else 0.0


def _expected(model: LanguageModel, tokens_BT: Tensor) -> Tensor:
    """Log-probabilities [T − 1, V] of what comes after each token but the last."""
    return log_p(model(tokens_BT)[0, :-1], 1.0)


def _likeliest(log_p_TV: Tensor | None, chat: Chat) -> list[Any]:
    if log_p_TV is None:
        return []
    values_TK, entries_TK = log_p_TV.topk(min(_LIKELIEST, log_p_TV.shape[1]), dim=1)
    names: dict[int, str] = {}
    rows = []
    for entries, values in zip(entries_TK.tolist(), values_TK.exp().tolist(), strict=True):
        for entry in entries:
            if entry not in names:
                names[entry] = chat.piece(entry)
        rows.append(tuple((names[entry], round(value, 4)) for entry, value in zip(entries, values, strict=True)))
    return rows
