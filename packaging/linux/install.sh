#!/bin/sh
# Install the program from this folder for one person, without root; started by the .run file.
set -eu
unset CDPATH # with it, cd would print and go elsewhere

id=@APP_ID@
package=@PACKAGE@
prefix=

usage() {
    echo "Usage: $1 [-- --prefix DIR]"
    echo "Installs $package below DIR (default: ~/.local): the program in DIR/lib, its command in DIR/bin,"
    echo "its menu entry, icons, file type and manual in DIR/share. Your runs and settings lie elsewhere."
}

refuse() {
    echo "$1" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=${2:?--prefix wants a folder}; shift 2 ;;
        --prefix=*) prefix=${1#--prefix=}; : "${prefix:?--prefix wants a folder}"; shift ;;
        --help | -h) usage "the .run file"; exit 0 ;;
        *) echo "Unknown option: $1" >&2; usage "the .run file" >&2; exit 2 ;;
    esac
done
another="or name another folder: -- --prefix DIR"
line_break='
'
case $prefix in
    "") prefix=${HOME:?HOME is not set, so there is no place to install to; name one: -- --prefix DIR}/.local ;;
    /*) ;;
    # Shells leave this as it is behind "=".
    \~/*) prefix=${HOME:?HOME is not set}/${prefix#\~/} ;;
    # This runs in a folder that is thrown away; the person stood in another one.
    *) prefix=${USER_PWD:-$PWD}/$prefix ;;
esac
case $prefix in
    *"$line_break"*) refuse "A folder with a line break in its name cannot be named in a menu; name another one." ;;
esac

mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
program=$prefix/lib/$package
command=$prefix/bin/$package

# What is needed, with some room, and what is there, both in KiB.
needed=$(($(du -sk . | cut -f1) + 10240))
free=$(df -Pk "$prefix" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$needed" ]; then
    refuse "$prefix has $((free / 1024)) MiB free, and $((needed / 1024)) are needed. Free some, $another"
fi
if [ -e "$program" ] && [ ! -x "$program/uninstall.sh" ]; then
    refuse "$program is there and was not put there by this installer; it is left alone. Move it away, $another"
fi
if [ -e "$command" ] && [ "$(readlink -f "$command")" != "$(readlink -f "$program/$package")" ]; then
    refuse "$command is there and was not put there by this installer (pipx puts one there, for example); it is left alone. Remove it, $another"
fi

# The new program lies whole beside the old one before that goes.
fresh=$program.new
rm -rf "$fresh"
mkdir -p "$prefix/lib"
trap 'rm -rf "$fresh"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# Moving costs nothing where the folders lie on one disk.
mv "./program" "$fresh" 2>/dev/null || { rm -rf "$fresh"; cp -a "./program" "$fresh"; }
cp ./uninstall.sh "$fresh/uninstall.sh"
chmod 755 "$fresh/uninstall.sh"

# From here on it takes a moment, and half of it would leave neither the old program nor the new one.
trap '' INT TERM HUP
# What an older version put elsewhere goes with it.
if [ -x "$program/uninstall.sh" ]; then
    "$program/uninstall.sh" --quiet
fi
(cd ./files && find . -type f) | sed 's|^\./||' >"$fresh/installed-files"
echo "bin/$package" >>"$fresh/installed-files"
mv "$fresh" "$program"
trap - EXIT INT TERM HUP

mkdir -p "$prefix/bin"
cp -R ./files/. "$prefix/"
# The whole path: DIR/bin may itself be a link to a folder elsewhere.
ln -sfn "$program/$package" "$command"
# A menu looks for commands in PATH, where DIR/bin need not be. First as the specification of menu entries wants it,
# then as sed does.
entry=$prefix/share/applications/$id.desktop
quoted=$(printf '%s' "$command" | sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g' -e 's/[\\&|]/\\&/g')
tried=$(printf '%s' "$command" | sed -e 's/\\/\\\\/g' -e 's/[\\&|]/\\&/g')
sed -e "s|^Exec=$package|Exec=\"$quoted\"|" -e "s|^TryExec=.*|TryExec=$tried|" "$entry" >"$entry.new"
mv "$entry.new" "$entry"

for database in "update-desktop-database $prefix/share/applications" "update-mime-database $prefix/share/mime"; do
    if command -v "${database%% *}" >/dev/null 2>&1; then
        "${database%% *}" "${database#* }" >/dev/null 2>&1 || true
    fi
done

echo "Installed. Start it from the menu, or with $command."
echo "To remove it: $program/uninstall.sh (your runs and settings stay)."
