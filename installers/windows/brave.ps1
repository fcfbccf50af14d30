# Puts Keyferry into Brave, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install brave @args
exit $LASTEXITCODE
