#!/bin/sh
# Puts Keyferry into Google Chrome, for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install chrome "$@"
