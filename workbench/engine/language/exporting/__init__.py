"""A language model as files for other programs, compared with the original before they are kept."""

from workbench.engine.language.exporting.export import export_language

__all__ = ["export_language"]
