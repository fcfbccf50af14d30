#!/bin/sh
# Puts Keyferry into Microsoft Edge (Flatpak), for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install edge-flatpak "$@"
