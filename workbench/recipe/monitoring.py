"""How closely a run is watched and how often it is kept."""

from workbench.recipe.section import Places, Section, setting


class Monitoring(Section):
    """What is measured while a run goes on; nothing here changes the student."""

    log_every: int = setting(
        0,
        help="Steps between readings of the loss; 0 reads every step on a CPU and every 10 on a GPU.",
        unit="steps",
        ge=0,
        le=1_000_000,
    )
    evaluate_every: float = setting(
        1.0, help="Epochs between evaluations on held-out data.", unit="epochs", gt=0, le=1_000_000
    )
    probe: Places = setting((), help="Watched held-out examples; empty picks one a class.", max_length=64)
    probe_every: int = setting(
        50, help="Steps between looks at the watched examples.", unit="steps", ge=1, le=1_000_000
    )


class Autosave(Section):
    """When the state of a run is written to disk."""

    seconds: float = setting(
        30.0,
        help="Seconds between checkpoints, more where they take long to write; 0 is off.",
        unit="s",
        ge=0,
        le=86400,
    )
    steps: int = setting(0, help="Steps between checkpoints; 0 is off.", unit="steps", ge=0, le=1_000_000_000)
