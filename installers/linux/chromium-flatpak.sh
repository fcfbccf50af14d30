#!/bin/sh
# Puts Keyferry into Chromium (Flatpak), for you alone; takes the options of `keyferry install`.
exec "$(dirname -- "$0")/keyferry.sh" install chromium-flatpak "$@"
