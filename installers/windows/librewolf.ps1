# Puts Keyferry into LibreWolf, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install librewolf @args
exit $LASTEXITCODE
