#!/bin/sh
# image-base.sh TAG JAVA_HOME: an image that has that Java and the libraries of this machine, and nothing else. It stands in for a registry's.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/java" "$root/tmp" "$root/etc"
# Of the directory itself too: nobody has to get in, whatever the storage driver.
chmod 755 "$root"
chmod 1777 "$root/tmp"
(cd "$2" && tar -chf - bin/java conf lib release) | tar -C "$root/java" --exclude src.zip -xf -
find "$2/bin/java" "$2/lib" -name '*.so' -o -name java -type f | while read -r file; do ldd "$file" 2>/dev/null || :; done |
  grep -o '/[^ ]*' | grep -v "^$2" | sort -u | while read -r library; do
  [ ! -f "$library" ] || { mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library"; }
done
tar -C "$root" --owner=0 --group=0 -cf - . | docker import --change 'ENV PATH=/java/bin' - "$1"
