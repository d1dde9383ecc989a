"""When an exported graph is a faithful copy of its language model, when it is good enough, and when it babbles."""

from dataclasses import dataclass

from workbench.engine.language.onnx_parity import TextParity

# So many more nats a token, or so much more repeated text, than the student's own writing has: no answers any more.
_MOST_SURPRISE, _MOST_REPEATED = 1.5, 0.35

# As with classifiers, float32 keeps about seven digits; thirty layers lose one or two more of them.
_TOLERANCE, _PLAIN_LOGIT = 1e-3, 25.0


@dataclass(frozen=True)
class Gate:
    """What is asked of a graph.

    Attributes:
        kl: The most, in nats a token.
        agreement: The least share of tokens with the same likeliest next one.
        is_exact: Whether logits must be the same within rounding, with and without the cache.
    """

    kl: float
    agreement: float
    is_exact: bool = False

    @property
    def words(self) -> str:
        """The same for people."""
        asked = f"KL of {self.kl:g} nats at most, {100 * self.agreement:.0f} % of the likeliest tokens the same"
        more = "logits the same within rounding, with and without the cache" if self.is_exact else "no babbling"
        return f"{asked}, {more}"

    def fault(self, parity: TextParity) -> str:
        """Why a graph does not pass, in words; empty where it does."""
        parts = []
        # Written so that NaN, which is not larger than anything, is a fault.
        allowed = tolerance(parity)
        if self.is_exact and not (parity.largest <= allowed and parity.cached <= allowed):
            parts.append(
                f"its logits differ by up to {parity.largest:.2g}, through the cache by {parity.cached:.2g}, and "
                f"{allowed:.2g} is allowed"
            )
        if not parity.kl <= self.kl:
            parts.append(f"KL is {parity.kl:.2g} nats a token, and {self.kl:g} is the most")
        if not parity.agreement >= self.agreement:
            parts.append(
                f"{1 - parity.agreement:.1%} of the likeliest tokens are others, {1 - self.agreement:.0%} is allowed"
            )
        if babbles(parity):
            parts.append(
                f"it babbles: to the student its answers are worth {parity.surprise:.2g} nats a token, its own "
                f"{parity.own_surprise:.2g}; {parity.repeated:.0%} of them repeat themselves, of its own "
                f"{parity.own_repeated:.0%}"
            )
        return "; ".join(parts)


def babbles(parity: TextParity) -> bool:
    """Whether what a file writes is nothing the student would have written, or goes round in circles."""
    is_strange = not parity.surprise <= parity.own_surprise + _MOST_SURPRISE
    return is_strange or parity.repeated > parity.own_repeated + _MOST_REPEATED


def tolerance(parity: TextParity) -> float:
    """The largest difference of a logit that is rounding; it grows with the largest logit."""
    return _TOLERANCE * max(1.0, parity.scale / _PLAIN_LOGIT)


# By the bits of the weights. Measured with SmolLM2-135M: 8 bits give a KL of 0.007 and 97 %, 4 bits 0.7 and 60 %.
GATES = {
    32: Gate(kl=1e-4, agreement=0.99, is_exact=True),
    8: Gate(kl=0.1, agreement=0.9),
    4: Gate(kl=1.5, agreement=0.5),
}
