#!/bin/sh
# Runs keyferry: the one beside these scripts (as in the archive), the one built in this checkout, or the one on the PATH.
here=$(cd -- "$(dirname -- "$0")" && pwd) || exit 1
for program in "$here/../../keyferry" "$here/../../build/keyferry"; do
  if [ -f "$program" ] && [ -x "$program" ]; then exec "$program" "$@"; fi
done
command -v keyferry >/dev/null 2>&1 || { echo "keyferry was not found: install it, or run \`make build\` in the checkout" >&2; exit 1; }
exec keyferry "$@"
