# Puts Keyferry into Google Chrome, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install chrome @args
exit $LASTEXITCODE
