"""What a person should know of the data: sentences, some with a button that settles them."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.data.data_checks import Finding
from gui.kit import InlineMessage
from gui.kit.disclosure import Disclosure
from gui.kit.form_layout import ROW_SPACING
from gui.kit.number_text import quantity_text


class FindingList(QWidget):
    """Hidden while there are none; can be folded by whoever has read them. `ignored` gives the column that a
    finding offers to ignore, `put_first` the kind of layer that it offers to put in front."""

    ignored = Signal(str)
    put_first = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings: tuple[Finding, ...] = ()
        self._messages: list[InlineMessage] = []
        self._inner = QWidget()
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(ROW_SPACING)
        self._disclosure = Disclosure("Findings", self._inner)
        self._disclosure.set_open(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._disclosure)
        self.hide()

    @property
    def messages(self) -> tuple[InlineMessage, ...]:
        """Those that say something now."""
        return tuple(self._messages[: len(self._findings)])

    def show_findings(self, findings: Sequence[Finding], locked: bool) -> None:
        """Show these, the gravest first."""
        self._findings = tuple(findings)
        while len(self._messages) < len(findings):
            self._messages.append(self._new_message(len(self._messages)))
        for number, message in enumerate(self._messages):
            finding = self._findings[number] if number < len(self._findings) else None
            if finding is None:
                message.clear()
                continue
            offer = "Ignore it" if finding.ignore else "Put it first" if finding.put_first else ""
            message.show_message(finding.sentence, "warning" if offer else "accent", "" if locked else offer)
        self._disclosure.set_title(quantity_text(len(findings), "finding", "findings"))
        self.setVisible(bool(findings))

    def _new_message(self, number: int) -> InlineMessage:
        message = InlineMessage()
        self._column.addWidget(message)
        message.acted.connect(lambda: self._act(number))
        return message

    def _act(self, number: int) -> None:
        finding = self._findings[number]
        if finding.ignore is not None:
            self.ignored.emit(finding.ignore)
        elif finding.put_first is not None:
            self.put_first.emit(finding.put_first)
