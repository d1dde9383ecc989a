"""The one error a person is meant to read: what happened, what to do next, and the details."""


class WorkbenchError(Exception):
    """Raised where the words are known; every door (terminal, window) shows it the same way.

    Attributes:
        title: What happened, with the actual names and numbers; one or more sentences.
        hint: What to do next; empty when there is nothing to suggest.
        details: Longer material for those who want it, such as a table of keys.
    """

    def __init__(self, title: str, hint: str = "", details: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return "\n".join(part for part in (self.title, self.hint, self.details) if part)


class ConsentNeededError(WorkbenchError):
    """A file that can run code is to be loaded, and nobody on this machine has agreed to that yet.

    Attributes:
        path: The file.
        digest: Its content, as `workbench.consents` names it.
    """

    def __init__(self, path: str, digest: str, title: str, details: str = "") -> None:
        hint = (
            "Look at where it comes from. If you trust it, agree in the window, or type: "
            f"distillation-workbench trust {path!r}"
        )
        super().__init__(title, hint, details)
        self.path = path
        self.digest = digest
