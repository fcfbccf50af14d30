# Puts Keyferry into Opera, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install opera @args
exit $LASTEXITCODE
