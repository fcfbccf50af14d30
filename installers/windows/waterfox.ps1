# Puts Keyferry into Waterfox, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install waterfox @args
exit $LASTEXITCODE
