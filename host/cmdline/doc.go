// Package cmdline reads a command line into a tree of structs, and describes it, by the structs' tags.
//
// It exists because the libraries that do this look methods up by names that are known only at run time. The linker then
// has to keep every exported method of every type in the program, which made the stripped binary 3.4 MB larger (21.3
// against 18.0). Here a command is anything; whoever parses asserts the interface that it runs commands by.
//
//   - command.go: [New] builds the tree of [Command]s from a struct.
//   - flag.go: [Flag]s and [Argument]s, and how a word becomes a field's value.
//   - parse.go: [Command.Parse] finds the command that is meant and fills its fields.
//   - help.go: [Command.Help] is the text of --help.
//
// Tags of a struct's exported fields:
//
//	cmd:""            a struct: a command below this one
//	arg:""            a positional argument, required unless it is optional:""; a slice takes all that follow
//	(neither)         a flag; a bool needs no value, and with negatable:"" can be denied by --no-NAME
//	embed:""          a struct whose fields stand here; so do those of embedded structs
//	name:"x"          instead of the field's name in lower case with hyphens
//	help:"x"          one sentence
//	placeholder:"X"   what stands for the flag's value in the help
//	default:"x"       a flag's value where it is not given; of a command: it is meant where none is named, with
//	                  "withargs" also if arguments follow
//	enum:"a,b"        the values that are allowed
//	required:""       the flag has to be given
//	hidden:""         not in the help
//
// Fields are string, bool, int, time.Duration, []string (flags: separated by commas), or pointers to the first four, nil
// where nothing is given. A command whose struct has a method Validate() error is asked by it once it is filled.
package cmdline
