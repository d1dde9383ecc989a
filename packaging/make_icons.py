"""Write packaging/desktop/icons: the program's icon and that of recipe files, as every system wants them."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

import identity

DRAWN = identity.ROOT / "resources" / "icons"
FOLDER = identity.ROOT / "packaging" / "desktop" / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
WINDOWS_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
MAC_SIZES = (16, 32, 64, 128, 256, 512, 1024)
# The grid of macOS leaves this much of the width to an icon with a ground of its own; documents take all of it.
MAC_GROUND = 824 / 1024
# Of each: the drawing, the context and name in the theme, the name for Windows and macOS, and how wide it is there.
ICONS = (
    ("distillation-workbench.svg", "apps", identity.APP_ID, "app", MAC_GROUND),
    ("distillation-recipe.svg", "mimetypes", identity.RECIPE_MIME.replace("/", "-"), "recipe", 1.0),
)


def render(drawing: Path, size: int, share: float = 1.0) -> Image.Image:
    """A drawing as a square picture, clear where nothing is drawn.

    Args:
        drawing: The SVG file.
        size: Width and height in pixels.
        share: How much of the width the drawing takes; the rest is a clear margin around it.
    """
    picture = QImage(size, size, QImage.Format.Format_RGBA8888_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    margin = size * (1 - share) / 2
    QSvgRenderer(str(drawing)).render(painter, QRectF(margin, margin, size * share, size * share))
    painter.end()
    straight = picture.convertToFormat(QImage.Format.Format_RGBA8888)
    return Image.frombytes("RGBA", (size, size), bytes(straight.constBits()))


def make(folder: Path) -> None:
    """Write all icons into a folder, in place of what it holds."""
    shutil.rmtree(folder, ignore_errors=True)
    for drawn, context, themed, name, share in ICONS:
        drawing = DRAWN / drawn
        scalable = folder / "hicolor" / "scalable" / context / f"{themed}.svg"
        scalable.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(drawing, scalable)
        for size in SIZES:
            file = folder / "hicolor" / f"{size}x{size}" / context / f"{themed}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            render(drawing, size).save(file, optimize=True)
        windows = [render(drawing, size) for size in WINDOWS_SIZES]
        sizes = [picture.size for picture in windows]
        windows[-1].save(folder / f"{name}.ico", sizes=sizes, append_images=windows[:-1])
        mac = [render(drawing, size, share) for size in MAC_SIZES]
        mac[-1].save(folder / f"{name}.icns", append_images=mac[:-1])


if __name__ == "__main__":
    make(FOLDER)
