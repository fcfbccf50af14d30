/** The one command that makes Keyferry known to this browser, by system and browser. */

export interface Agent {
  /** navigator.userAgent */
  readonly userAgent: string;
  /** Brand names from navigator.userAgentData, where the browser has them. */
  readonly brands: readonly string[];
  readonly firefox: boolean;
}

/** The browser's name as `keyferry install` takes it. */
export function browserArgument(agent: Agent): "firefox" | "chrome" | "chromium" {
  if (agent.firefox) return "firefox";
  return agent.brands.includes("Google Chrome") ? "chrome" : "chromium";
}

/** Where the command is to be typed, in words for this system. */
export function terminalName(userAgent: string): string {
  if (/Windows/.test(userAgent)) return "PowerShell";
  if (/Mac OS X|Macintosh/.test(userAgent)) return "the Terminal app";
  return "a terminal";
}

export function installCommand(agent: Agent): string {
  return `keyferry install ${browserArgument(agent)}`;
}
