#!/bin/sh
# Puts Keyferry into Brave, for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install brave "$@"
