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
      "In the web app: Tools, Export vault. In the desktop app: File, Export vault.",
      "Export from: My vault. What belongs to an organization has to be exported from there.",
      "File format: .json (Encrypted), Export type: Password protected. Choose a password for the file.",
      "Attached files come along only with .zip (with attachments), which is not encrypted.",
      "“Account restricted” files open nowhere else: don't choose that one.",
    ],
    to: [
      "In the web app: Tools, Import data. In the desktop app: File, Import data.",
      "File format: Bitwarden (json). Choose the file, then Import data, and type its passphrase where it asks to confirm.",
      "Bitwarden looks for no duplicates: import it once.",
    ],
    note: "A login there holds one passkey, and secrets for encryption by passkey (PRF) don't come along.",
  },
  {
    manager: "KeePassXC and other KeePass apps",
    from: [
      "Copy the database file (.kdbx) itself: Keyferry reads it as it is, and asks for its password.",
      "If it opens with a key file, too, have that at hand.",
    ],
    to: [
      "Open the file with Database, Open Database, and type its passphrase.",
      "To put it into your own database: open that one, then Database, Merge From Database, and choose the file.",
    ],
  },
  {
    manager: "Proton Pass",
    from: [
      "Settings, Export.",
      "File format: PGP-encrypted (recommended), with a passphrase for the file. ZIP is not encrypted.",
    ],
    to: ["Settings, Import, Proton Pass.", "Choose the file, then type its passphrase."],
  },
  {
    manager: "1Password",
    from: [
      "In the desktop app on a Mac: File, Export, then your account. On Windows and Linux: the dots at the top of the sidebar, Export, then your account.",
      "Type your account password, choose 1PUX (1Password Unencrypted Export), then Export Data.",
      "The web and phone apps export nothing.",
    ],
    to: [],
    note: NO_PASSKEYS,
  },
  { manager: "AliasVault", from: ["Settings, Import / Export, Export vault (.avux)."], to: [] },
  {
    manager: "Chrome and Edge",
    from: [
      "In Chrome: the three dots, Passwords and autofill, Google Password Manager, Settings; beside “Export passwords”, Download file.",
      "In Edge: the three dots, Settings, look for Passwords; the dots beside the list, Export passwords.",
    ],
    to: [],
    note: NO_PASSKEYS,
  },
  {
    manager: "Firefox",
    from: ["Menu, Passwords (about:logins), the three dots, Export Passwords."],
    to: [],
    note: NO_PASSKEYS,
  },
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
