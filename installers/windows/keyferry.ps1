# Runs keyferry: the one beside these scripts (as in the archive), the one built in this checkout, or the one on the PATH.
foreach ($program in "$PSScriptRoot\..\..\keyferry.exe", "$PSScriptRoot\..\..\build\keyferry.exe", "keyferry.exe") {
  $found = Get-Command $program -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
  if ($found) { & $found.Source @args; exit $LASTEXITCODE }
}
Write-Error "keyferry.exe was not found: install it first"
exit 1
