// The site's own script: an ordinary relying party's page that knows nothing of Keyferry. `rp` is what tests call.
const rp = {
  async post(path, body) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  },

  facts(o = {}) {
    return { origin: location.origin, rpId: location.hostname, ...o };
  },

  /** Registers; `change` may alter the parsed options before create() is called. */
  async register(o = {}, { signal, change, mediation } = {}) {
    const begun = await rp.post("/api/register/begin", rp.facts(o));
    if (!begun.options) return begun;
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.options);
    if (change) change(publicKey);
    const credential = await navigator.credentials.create({ publicKey, signal, ...(mediation ? { mediation } : {}) });
    return rp.post("/api/register/finish", { ceremony: begun.ceremony, credential: credential.toJSON() });
  },

  async login(o = {}, { signal, change, mediation } = {}) {
    const begun = await rp.post("/api/login/begin", rp.facts(o));
    if (!begun.options) return begun;
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.options);
    if (change) change(publicKey);
    const credential = await navigator.credentials.get({ publicKey, signal, ...(mediation ? { mediation } : {}) });
    return rp.post("/api/login/finish", { ceremony: begun.ceremony, credential: credential.toJSON() });
  },

  /** Runs one of the above and turns a rejection into {thrown: {name, message, isDOMException}}. */
  async attempt(what, ...args) {
    try {
      return await rp[what](...args);
    } catch (error) {
      return {
        thrown: {
          name: error?.name ?? String(error),
          message: error?.message,
          isDOMException: error instanceof DOMException,
          isTypeError: error instanceof TypeError,
        },
      };
    }
  },
};
globalThis.rp = rp;

const $ = id => document.getElementById(id);
const say = text => {
  $("status").textContent = text;
};

function signedIn(user) {
  $("lead").textContent = user ? `Welcome aboard, ${user}.` : "Sign in with a passkey. There are no passwords here.";
  for (const id of ["register", "login", "user"]) $(id).hidden = Boolean(user);
  document.querySelector("label").hidden = Boolean(user);
  $("logout").hidden = !user;
}

async function run(what, options) {
  say("Waiting for your passkey…");
  const result = await rp.attempt(what, options);
  if (result.ok) {
    signedIn(result.user);
    say(what === "register" ? "Account made, and you are signed in." : "Signed in.");
  } else {
    say(result.thrown ? `That did not work (${result.thrown.name}).` : `That did not work: ${result.error}`);
  }
}

if ($("form")) {
  $("register").addEventListener("click", () =>
    run("register", { user: $("user").value, residentKey: "required", userVerification: "preferred" }),
  );
  $("login").addEventListener("click", () => run("login", { userVerification: "preferred" }));
  $("logout").addEventListener("click", () => {
    signedIn("");
    say("Signed out.");
  });
}
