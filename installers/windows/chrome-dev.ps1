# Puts Keyferry into Google Chrome Dev, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install chrome-dev @args
exit $LASTEXITCODE
