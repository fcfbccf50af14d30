# Puts Keyferry into Floorp, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install floorp @args
exit $LASTEXITCODE
