# Puts Keyferry into Tor Browser, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install tor @args
exit $LASTEXITCODE
