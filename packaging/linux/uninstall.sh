#!/bin/sh
# Remove the program that lies in this folder, and what its installer put elsewhere; runs and settings stay.
set -eu
unset CDPATH # with it, cd would print and go elsewhere

package=@PACKAGE@
program=$(cd "$(dirname "$0")" && pwd)
prefix=$(dirname "$(dirname "$program")")
if [ "$(basename "$program")" != "$package" ] || [ ! -f "$program/installed-files" ]; then
    echo "$program is not what the installer of $package made; nothing was removed." >&2
    exit 1
fi

command=$prefix/bin/$package
while IFS= read -r file; do
    # A command of the same name that starts something else, as pipx makes one, is not ours.
    if [ "$prefix/$file" = "$command" ] && [ -e "$command" ] &&
        [ "$(readlink -f "$command")" != "$(readlink -f "$program/$package")" ]; then
        continue
    fi
    rm -f "$prefix/$file"
    # Folders that are empty now, up to the prefix.
    folder=$(dirname "$file")
    while [ "$folder" != "." ]; do
        rmdir "$prefix/$folder" 2>/dev/null || break
        folder=$(dirname "$folder")
    done
done <"$program/installed-files"
rm -rf "$program"
rmdir "$prefix/lib" 2>/dev/null || true

for command in "update-desktop-database $prefix/share/applications" "update-mime-database $prefix/share/mime"; do
    if command -v "${command%% *}" >/dev/null 2>&1 && [ -d "${command#* }" ]; then
        "${command%% *}" "${command#* }" >/dev/null 2>&1 || true
    fi
done
[ "${1:-}" = "--quiet" ] || echo "Removed. Your runs and settings are where they were."
