# Puts Keyferry into Vivaldi, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install vivaldi @args
exit $LASTEXITCODE
