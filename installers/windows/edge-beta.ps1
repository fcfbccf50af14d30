# Puts Keyferry into Microsoft Edge Beta, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install edge-beta @args
exit $LASTEXITCODE
