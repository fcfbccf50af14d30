/** The commands that make Keyferry known to this browser, by system, browser, and how the program came to the computer. */

export interface Agent {
  /** navigator.userAgent */
  readonly userAgent: string;
  /** Brand names from navigator.userAgentData, where the browser has them. */
  readonly brands: readonly string[];
  readonly firefox: boolean;
}

/** What tells browsers of one family apart: a brand, or a word of the user agent. */
const BROWSERS: readonly (readonly [name: string, brand: string, word: RegExp])[] = [
  ["edge", "Microsoft Edge", /\bEdg\//],
  ["brave", "Brave", /\bBrave\//],
  ["opera", "Opera", /\bOPR\//],
  ["vivaldi", "Vivaldi", /\bVivaldi\//],
  ["chrome", "Google Chrome", /(?!)/],
];

/** The browser's name as `keyferry install` takes it. Forks that don't say what they are go by the name of their family. */
export function browserArgument(agent: Agent): string {
  if (agent.firefox) return /\bWaterfox\//.test(agent.userAgent) ? "waterfox" : "firefox";
  const found = BROWSERS.find(([, brand, word]) => agent.brands.includes(brand) || word.test(agent.userAgent));
  return found ? found[0] : "chromium";
}

const windows = (userAgent: string): boolean => /Windows/.test(userAgent);

/** Where the command is to be typed, in words for this system. */
export function terminalName(userAgent: string): string {
  if (windows(userAgent)) return "PowerShell";
  if (/Mac OS X|Macintosh/.test(userAgent)) return "the Terminal app";
  return "a terminal";
}

/** Where the program is on the PATH: installed by a package, or put there by hand. */
export function installCommand(agent: Agent): string {
  return `keyferry install ${browserArgument(agent)}`;
}

/** Where it lies in the folder that the terminal is in: the unpacked archive. */
export function archiveCommand(agent: Agent): string {
  return windows(agent.userAgent) ? `.\\keyferry.exe install ${browserArgument(agent)}` : `./${installCommand(agent)}`;
}

/** In a checkout of the source: builds it, and puts it into every browser that it finds. Undefined where make is not at home. */
export function checkoutCommand(agent: Agent): string | undefined {
  return windows(agent.userAgent) ? undefined : "make install";
}
