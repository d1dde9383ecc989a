"""How a stage goes downhill: optimiser, learning rate, length, precision."""

from typing import Literal

from workbench.recipe.section import Section, setting


class Optimisation(Section):
    """Optimiser and schedule of one stage."""

    optimiser: Literal["sgd", "adam", "adamw"] = setting("sgd", help="The update rule.")
    learning_rate: float = setting(0.05, help="Peak learning rate; the schedule scales it.", gt=0, le=100)
    momentum: float = setting(0.9, help="Momentum of sgd, or β₁ of adam and adamw.", ge=0, lt=1)
    nesterov: bool = setting(True, help="Nesterov's form of momentum, sgd only.")
    weight_decay: float = setting(0.0, help="Decay of the weights, decoupled for adamw.", ge=0, le=10)
    schedule: Literal["one_cycle", "cosine", "constant", "warmup_stable_decay"] = setting(
        "one_cycle", help="Course of the learning rate over the stage; the last one falls in its last third only."
    )
    warm_up: float = setting(0.3, help="Share of the stage spent rising to the peak.", ge=0, lt=1)
    epochs: int = setting(15, help="Passes over the transfer set.", unit="epochs", ge=1, le=1_000_000)
    steps: int = setting(
        0, help="Optimiser steps, instead of epochs when above 0.", unit="steps", ge=0, le=1_000_000_000
    )
    clip_norm: float = setting(0.0, help="Largest norm of the gradient; 0 is off.", ge=0, le=1e9)
    accumulate: int = setting(
        1, help="Batches whose gradients are added up for one step.", unit="batches", ge=1, le=65536
    )
    precision: Literal["auto", "float32", "bfloat16"] = setting(
        "auto", help="bfloat16 autocast halves the work where the processor has it; auto uses it only there."
    )
    early_stop: int = setting(
        0,
        help="Stop after this many evaluations without fewer errors and keep the best student; 0 is off.",
        unit="evaluations",
        ge=0,
        le=1_000_000,
    )
