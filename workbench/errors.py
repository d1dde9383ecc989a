"""The errors a person is meant to read: what happened, what to do next, and the details."""

import shlex


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
    """Nothing but a person's consent on this machine is missing.

    Attributes:
        subject: What it is needed for; the same for every error that one consent answers.
    """

    subject: str


class CodeConsentNeededError(ConsentNeededError):
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
        self.digest = self.subject = digest


class EndpointConsentNeededError(ConsentNeededError):
    """Prompts are to be sent to an endpoint, and nobody on this machine has agreed to that yet.

    Attributes:
        address: Its origin, as `workbench.origins` writes it.
        key: The name of the key that would be sent along; empty for none.
    """

    def __init__(self, address: str, key: str, title: str, details: str = "") -> None:
        command = f"distillation-workbench trust --endpoint {shlex.quote(address)}" + (f" --key {key}" if key else "")
        super().__init__(title, f"If you want that, agree in the window, or type: {command}", details)
        self.address = address
        self.key = key
        self.subject = f"{address}#{key}"
