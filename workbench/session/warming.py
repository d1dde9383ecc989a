"""Loads what training needs before it is asked for: torch takes seconds, and a person has not pressed Train yet."""


def warm() -> None:
    """Import everything a run needs; for a thread of its own."""
    import workbench.session.driving  # noqa: F401
