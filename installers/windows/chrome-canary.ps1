# Puts Keyferry into Google Chrome Canary, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install chrome-canary @args
exit $LASTEXITCODE
