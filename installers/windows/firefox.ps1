# Puts Keyferry into Firefox, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install firefox @args
exit $LASTEXITCODE
