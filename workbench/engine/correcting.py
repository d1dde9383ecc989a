"""Bias correction for classes that were missing from the transfer set (Hinton, Vinyals & Dean 2015, §3).

N examples, C classes.
"""

import torch
from torch import Tensor

_SHIFTS = 200


def omitted_class_shift(logits_NC: Tensor, labels_N: Tensor, omitted: tuple[int, ...]) -> Tensor:
    """One constant a class [C], 0 but for the omitted ones, that makes the fewest errors on these examples.

    One shift is shared by all omitted classes. It is the middle of the widest stretch of best shifts, so that a
    handful of examples does not decide it.
    """
    chosen_C = torch.zeros(logits_NC.shape[1], device=logits_NC.device)
    chosen_C[list(omitted)] = 1.0
    spread = float(logits_NC.max() - logits_NC.min())
    shifts = torch.linspace(-spread, spread, 2 * _SHIFTS + 1).tolist()
    errors = [int(((logits_NC + shift * chosen_C).argmax(1) != labels_N).sum()) for shift in shifts]
    if errors[_SHIFTS] == min(errors):
        # No shift is better than none.
        return torch.zeros_like(chosen_C)
    best = [place for place, count in enumerate(errors) if count == min(errors)]
    stretches = [[best[0]]]
    for place in best[1:]:
        if place == stretches[-1][-1] + 1:
            stretches[-1].append(place)
        else:
            stretches.append([place])
    widest = max(stretches, key=len)
    best_shift: float = shifts[widest[len(widest) // 2]]
    return chosen_C * best_shift
