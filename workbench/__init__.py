"""Distillation Workbench: distil a big model into a small one on your own machine, and see why it works."""

import os

__version__ = "0.1.0"
# What desktops know the program by: their entry, its icon and its windows carry the same.
APP_ID = "io.github.distillation_workbench.DistillationWorkbench"

# Read when ONNX Runtime is loaded, which would else report to its makers and number this computer in its cache folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
