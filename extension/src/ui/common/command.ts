/** A command to type, for the vault that the page is about: `keyferry --profile work pair 48217730`. */
export function command(words: string, profile: string | undefined): string {
  return `keyferry ${profile && profile !== "default" ? `--profile ${profile} ` : ""}${words}`;
}
