"""The known models that bare weights fit, each with how well it did on the data: one is chosen, or none."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from workbench.session.naming_checkpoints import Proposal


class ProposalsMenu(QMenu):
    """A menu that is made for one answer.

    Signals:
        chosen: The Proposal that a person takes.
    """

    chosen = Signal(object)

    def __init__(self, proposals: Sequence[Proposal], parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        for proposal in proposals:
            action = QAction(words_of(proposal), self)
            action.setData(proposal)
            action.setEnabled(not proposal.problem)
            action.setToolTip(proposal.problem or "Pour the weights into this model")
            action.triggered.connect(self._tell)
            self.addAction(action)
        if not proposals:
            self.addAction("No known model has tensors of these shapes").setEnabled(False)

    def _tell(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction), "only the menu tells"
        self.chosen.emit(action.data())


def words_of(proposal: Proposal) -> str:
    """A proposal in one line."""
    if proposal.problem:
        return f"{proposal.name}: cannot be used"
    if proposal.right is None:
        return f"{proposal.name}: not tried, there is no data yet"
    return f"{proposal.name}: {proposal.right:,} of {proposal.examples:,} right"
