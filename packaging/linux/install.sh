#!/bin/sh
# Install the program from this folder for one person, without root; started by the .run file.
set -eu

id=@APP_ID@
package=@PACKAGE@
prefix="${HOME:?HOME is not set, so there is no place to install to; name one with --prefix DIR}/.local"

usage() {
    echo "Usage: $1 [-- --prefix DIR]"
    echo "Installs $package below DIR (default: $prefix): the program in DIR/lib, its command in DIR/bin,"
    echo "its menu entry, icons, file type and manual in DIR/share. Your runs and settings lie elsewhere."
}

while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=${2:?--prefix wants a folder}; shift 2 ;;
        --prefix=*) prefix=${1#--prefix=}; shift ;;
        --help | -h) usage "the .run file"; exit 0 ;;
        *) echo "Unknown option: $1" >&2; usage "the .run file" >&2; exit 2 ;;
    esac
done

mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
program=$prefix/lib/$package

# What is needed, with some room, and what is there, both in KiB.
needed=$(($(du -sk . | cut -f1) + 10240))
free=$(df -Pk "$prefix" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$needed" ]; then
    echo "$prefix has $((free / 1024)) MiB free, and $((needed / 1024)) are needed. Free some, or name another folder: -- --prefix DIR" >&2
    exit 1
fi
if [ -e "$program" ] && [ ! -x "$program/uninstall.sh" ]; then
    echo "$program is there and was not put there by this installer; it is left alone. Move it away, or name another folder: -- --prefix DIR" >&2
    exit 1
fi

# The new program lies whole beside the old one before that goes.
fresh=$program.new
rm -rf "$fresh"
mkdir -p "$prefix/lib"
trap 'rm -rf "$fresh"' EXIT
# Moving costs nothing where the folders lie on one disk.
mv "./program" "$fresh" 2>/dev/null || { rm -rf "$fresh"; cp -a "./program" "$fresh"; }
cp ./uninstall.sh "$fresh/uninstall.sh"
chmod 755 "$fresh/uninstall.sh"

# What an older version put elsewhere goes with it.
if [ -x "$program/uninstall.sh" ]; then
    "$program/uninstall.sh" --quiet
fi
(cd ./files && find . -type f) | sed 's|^\./||' >"$fresh/installed-files"
echo "bin/$package" >>"$fresh/installed-files"
mv "$fresh" "$program"
trap - EXIT

mkdir -p "$prefix/bin"
cp -R ./files/. "$prefix/"
ln -sfn "../lib/$package/$package" "$prefix/bin/$package"
# A menu looks for commands in PATH, where DIR/bin need not be.
entry=$prefix/share/applications/$id.desktop
quoted=$(printf '%s' "$prefix/bin/$package" | sed 's/[\\&|]/\\&/g')
sed -e "s|^Exec=$package|Exec=\"$quoted\"|" -e "s|^TryExec=.*|TryExec=$quoted|" "$entry" >"$entry.new"
mv "$entry.new" "$entry"

for command in "update-desktop-database $prefix/share/applications" "update-mime-database $prefix/share/mime"; do
    if command -v "${command%% *}" >/dev/null 2>&1; then
        "${command%% *}" "${command#* }" >/dev/null 2>&1 || true
    fi
done

echo "Installed. Start it from the menu, or with $prefix/bin/$package."
echo "To remove it: $program/uninstall.sh (your runs and settings stay)."
