#!/bin/sh
# Puts Keyferry into Firefox, for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install firefox "$@"
