# Puts Keyferry into Microsoft Edge Canary, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install edge-canary @args
exit $LASTEXITCODE
