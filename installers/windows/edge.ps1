# Puts Keyferry into Microsoft Edge, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install edge @args
exit $LASTEXITCODE
