"""Distillation Workbench: distil a big model into a small one on your own machine, and see why it works."""

__version__ = "0.1.0"
