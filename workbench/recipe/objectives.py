"""What counts as the target: one section a kind, each with the formula it stands for."""

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from workbench.recipe.section import Section, setting

_TEMPERATURE_HELP = "Distillation temperature T: divides the logits of teacher and student before softmax."
_ALPHA_HELP = (
    "Weight of the teacher's soft targets: 0 is labels only, 1 is teacher only (some other tools mean the opposite)."
)


def _temperature() -> Any:
    return setting(4.0, help=_TEMPERATURE_HELP, gt=0, le=1000, usual=(0.5, 50))


def _alpha() -> Any:
    return setting(0.9, help=_ALPHA_HELP, ge=0, le=1)


class _Objective(Section):
    """What every objective can be asked; `divergence` is its soft term in symbols."""

    divergence: ClassVar[str] = ""
    soft_term: ClassVar[str] = ""

    @property
    def uses_teacher(self) -> bool:
        """Whether a teacher is needed at all."""
        return bool(self.divergence)

    def formula(self, temperature: float | None, alpha: float) -> str:
        """The loss with the current numbers, exactly as the engine computes it."""
        if not self.uses_teacher:
            return "L = CE(hard label, p_S at T = 1)"
        squared = "" if temperature is None else f" · {temperature:g}²"
        at = "" if temperature is None else f" at T = {temperature:g}"
        return f"L = {alpha:g}{squared} · {self.divergence}{at} + {1 - alpha:g} · CE(hard label, p_S at T = 1)"


class HardLabels(_Objective):
    """Ordinary training: the baseline, and how a teacher is made."""

    kind: Literal["hard_labels"] = "hard_labels"


class SoftTargets(_Objective):
    """Forward KL to the teacher's softened distribution (Hinton, Vinyals & Dean 2015)."""

    divergence: ClassVar[str] = "KL(p_T ‖ p_S)"
    soft_term: ClassVar[str] = "T² · KL(p_T ‖ p_S), nats"
    kind: Literal["soft_targets"] = "soft_targets"
    temperature: float = _temperature()
    alpha: float = _alpha()


class ReverseKL(_Objective):
    """Reverse KL, mode-seeking: the student is punished for what the teacher would not say."""

    divergence: ClassVar[str] = "KL(p_S ‖ p_T)"
    soft_term: ClassVar[str] = "T² · KL(p_S ‖ p_T), nats"
    kind: Literal["reverse_kl"] = "reverse_kl"
    temperature: float = _temperature()
    alpha: float = _alpha()


class JensenShannon(_Objective):
    """Generalised Jensen–Shannon divergence between forward and reverse KL (Agarwal et al. 2024, GKD)."""

    divergence: ClassVar[str] = "JSD_β(p_T ‖ p_S)"
    soft_term: ClassVar[str] = "T² · JSD_β(p_T ‖ p_S), nats"
    kind: Literal["jensen_shannon"] = "jensen_shannon"
    temperature: float = _temperature()
    alpha: float = _alpha()
    beta: float = setting(
        0.5,
        help="Weight of the teacher in the mixture; JSD jumps at 0 and 1: choose a KL objective there.",
        ge=0.05,
        le=0.95,
    )


class LogitMatching(_Objective):
    """Squared distance of zero-meaned logits (Caruana 2006): what T² · KL tends to as T → ∞ (Hinton §2.1)."""

    divergence: ClassVar[str] = "1/(2·classes) · ‖z_S − z_T‖²"
    soft_term: ClassVar[str] = "1/(2·classes) · ‖z_S − z_T‖², zero-meaned logits"
    kind: Literal["logit_matching"] = "logit_matching"
    alpha: float = _alpha()


OBJECTIVES = (HardLabels, SoftTargets, ReverseKL, JensenShannon, LogitMatching)

Objective: TypeAlias = Annotated[
    HardLabels | SoftTargets | ReverseKL | JensenShannon | LogitMatching, Field(discriminator="kind")
]
