/**
 * How to get a file out of another manager, and one into it: the names of its menus, step by step. Plain data, so that
 * whoever knows a manager better can correct it without reading code.
 */

export interface Guide {
  readonly manager: string;
  /** Getting a file out of it. Empty where it writes none. */
  readonly from: readonly string[];
  /** Getting our file into it. Empty where Keyferry writes none for it. */
  readonly to: readonly string[];
  /** What such a file does not hold. */
  readonly note?: string;
}

const NO_PASSKEYS = "Its files never hold passkeys: for those, make a new passkey at each site, with this browser.";

export const GUIDES: readonly Guide[] = [
  {
    manager: "Bitwarden",
    from: [
      "In the web app or the desktop app: Tools, Export vault (desktop: File, Export vault).",
      "File format: .json (Encrypted), Export type: Password protected. Choose a password for the file.",
      "“Account restricted” files open nowhere else: don't choose that one.",
    ],
    to: [
      "In the web app: Tools, Import data.",
      "File format: Bitwarden (json). Choose the file, then type its passphrase.",
    ],
    note: "A login there holds one passkey, and secrets for encryption by passkey (PRF) don't come along.",
  },
  {
    manager: "KeePassXC and other KeePass apps",
    from: ["Copy the database file (.kdbx) itself: Keyferry reads it as it is, and asks for its password."],
    to: [
      "Open the file with Database, Open Database, and type its passphrase. To put it into your own: Database, Merge From Database.",
    ],
  },
  {
    manager: "Proton Pass",
    from: [
      "Settings, Export.",
      "File format: PGP-encrypted, with a passphrase for the file (or ZIP, which is not encrypted).",
    ],
    to: ["Settings, Import, Proton Pass.", "Choose the file, then type its passphrase."],
  },
  {
    manager: "1Password",
    from: ["In the desktop app: File, Export, then your account.", "Export Format: 1PUX. Type your password."],
    to: [],
    note: NO_PASSKEYS,
  },
  { manager: "AliasVault", from: ["Settings, Import / Export, Export vault (.avux)."], to: [] },
  {
    manager: "Chrome and Edge",
    from: ["Settings, Passwords (Google Password Manager, Settings), Export passwords, Download file."],
    to: [],
    note: NO_PASSKEYS,
  },
  { manager: "Firefox", from: ["Menu, Passwords, the three dots, Export passwords."], to: [], note: NO_PASSKEYS },
  {
    manager: "Apple Passwords",
    from: ["On a Mac: the Passwords app, File, Export All Passwords to File."],
    to: [],
    note: NO_PASSKEYS,
  },
  {
    manager: "Dashlane, NordPass, LastPass, Enpass, RoboForm, Keeper",
    from: ["Look for Export in the app's settings, and choose CSV."],
    to: [],
    note: NO_PASSKEYS,
  },
];
