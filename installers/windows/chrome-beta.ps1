# Puts Keyferry into Google Chrome Beta, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install chrome-beta @args
exit $LASTEXITCODE
