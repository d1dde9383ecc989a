"""The finished student as files for other programs, each measured against the PyTorch original."""

from workbench.engine.exporting.export import ExportedFile, StudentExport, export_student

__all__ = ["ExportedFile", "StudentExport", "export_student"]
