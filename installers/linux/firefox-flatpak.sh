#!/bin/sh
# Puts Keyferry into Firefox (Flatpak), for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install firefox-flatpak "$@"
