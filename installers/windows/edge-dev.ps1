# Puts Keyferry into Microsoft Edge Dev, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install edge-dev @args
exit $LASTEXITCODE
