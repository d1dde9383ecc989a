#!/bin/sh
# Run a command in the system below a folder: bare_system.py starts this in namespaces of its own.
# Arguments: the folder, the id of the ordinary user, and the command.
set -eu
PATH=$PATH:/usr/sbin:/sbin # an ordinary user's has no chroot on Debian
root=$1
user=$2
shift 2
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys" || true
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    : > "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -p "$root/run/lock" "$root/run/user/$user"
chown "$user:$user" "$root/run/user/$user"
chmod 700 "$root/run/user/$user"
ip link set lo up 2> /dev/null || true
status=0
# Not exec: the first process of a namespace is deaf to signals that it does not catch.
chroot "$root" "$@" || status=$?
exit $status
