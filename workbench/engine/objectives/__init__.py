"""The objectives: a new one is one file here, its word in this tuple, and its section in recipe/objectives.py."""

from workbench.engine.objectives.hard_labels import HARD_LABELS, UNLABELLED, hard_term
from workbench.engine.objectives.jensen_shannon import JENSEN_SHANNON
from workbench.engine.objectives.logit_matching import LOGIT_MATCHING
from workbench.engine.objectives.objective import Objective, log_p
from workbench.engine.objectives.reverse_kl import REVERSE_KL
from workbench.engine.objectives.soft_targets import SOFT_TARGETS

OBJECTIVES = (HARD_LABELS, SOFT_TARGETS, REVERSE_KL, JENSEN_SHANNON, LOGIT_MATCHING)

__all__ = ["OBJECTIVES", "UNLABELLED", "Objective", "hard_term", "log_p"]
