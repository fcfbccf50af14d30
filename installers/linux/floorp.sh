#!/bin/sh
# Puts Keyferry into Floorp, for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install floorp "$@"
