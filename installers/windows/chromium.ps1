# Puts Keyferry into Chromium, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install chromium @args
exit $LASTEXITCODE
