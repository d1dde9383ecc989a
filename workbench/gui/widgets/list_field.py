"""A list of numbers or names, typed with commas between the items."""

import csv
import io
from typing import Any, get_args

from pydantic.fields import FieldInfo

from workbench.gui.widgets.field import LineField
from workbench.gui.widgets.form_part import FormContext
from workbench.recipe.drafts import Location


class ListField(LineField):
    """`800, 800`; a name with a comma in it stands in quotes."""

    def __init__(self, context: FormContext, location: Location, info: FieldInfo) -> None:
        super().__init__(context, location, info)
        item = get_args(info.annotation)[0]
        self._item = next(iter(get_args(item)), item)
        self.line.setPlaceholderText("none")

    def parse(self, text: str) -> Any:
        """As `LineField.parse`; items that are no numbers stay texts."""
        items = next(csv.reader([text], skipinitialspace=True), [])
        return [self._value(item.strip()) for item in items if item.strip()]

    def text_of(self, value: Any) -> str:
        """As `LineField.text_of`."""
        if not isinstance(value, list):
            return str(value)
        written = io.StringIO()
        csv.writer(written, lineterminator="").writerow(value)
        return written.getvalue() if '"' in written.getvalue() else ", ".join(map(str, value))

    def _value(self, item: str) -> Any:
        if self._item is str:
            return item
        try:
            return self._item(item)
        except ValueError:
            return item
