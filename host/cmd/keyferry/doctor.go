package main

type doctorCmd struct {
	Vault doctorVaultCmd `cmd:"" help:"Verify the whole vault; save what can be saved of a damaged one."`
}
