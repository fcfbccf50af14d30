#!/bin/sh
# Puts Keyferry into Google Chrome Beta, for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install chrome-beta "$@"
