# Puts Keyferry into Zen, for you alone; takes the options of `keyferry install`.
& "$PSScriptRoot\keyferry.ps1" install zen @args
exit $LASTEXITCODE
