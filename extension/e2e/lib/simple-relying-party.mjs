// The second relying party: the API of relyingparty/main.go with @simplewebauthn/server's verdicts.
import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { decodeCredentialPublicKey } from "@simplewebauthn/server/helpers";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Starts the relying party on a free loopback port; resolves to {origin, close}. */
export async function startSimpleRelyingParty(siteFolder) {
  const accounts = new Map();
  const ceremonies = new Map();

  const account = (name, displayName, userId) => {
    if (!accounts.has(name)) {
      const id = userId ? Buffer.from(userId, "base64url") : randomBytes(16);
      accounts.set(name, { name, displayName: displayName || name, id, credentials: [] });
    }
    return accounts.get(name);
  };
  const remember = c => {
    const id = randomUUID();
    ceremonies.set(id, c);
    return id;
  };
  const recall = id => {
    const c = ceremonies.get(id);
    ceremonies.delete(id);
    if (!c) throw new Error("no such ceremony, or it was finished already");
    return c;
  };
  const seen = (c, flags) => ({
    id: c.id,
    up: true,
    uv: flags.userVerified,
    be: flags.credentialDeviceType === "multiDevice",
    bs: flags.credentialBackedUp,
    signCount: c.counter,
    attestation: c.fmt,
    transports: c.transports ?? [],
    aaguid: (c.aaguid ?? "").replaceAll("-", ""),
    algorithm: decodeCredentialPublicKey(c.publicKey).get(3),
  });

  const api = {
    async "/api/register/begin"(o) {
      const user = account(o.user, o.displayName, o.userId);
      const options = await generateRegistrationOptions({
        rpName: o.rpName || "Pier Nine",
        rpID: o.rpId,
        userName: user.name,
        userID: user.id,
        userDisplayName: user.displayName,
        attestationType: o.attestation || "none",
        excludeCredentials: o.exclude ? user.credentials.map(c => ({ id: c.id, transports: c.transports })) : [],
        authenticatorSelection: {
          residentKey: o.residentKey || "preferred",
          userVerification: o.userVerification || "preferred",
          ...(o.attachment ? { authenticatorAttachment: o.attachment } : {}),
        },
        supportedAlgorithmIDs: o.algorithms?.length ? o.algorithms : [-7, -8, -257],
      });
      return { ceremony: remember({ kind: "create", user, options, o }), options };
    },
    async "/api/register/finish"({ ceremony, credential }) {
      const { user, options, o } = recall(ceremony);
      const result = await verifyRegistrationResponse({
        response: credential,
        expectedChallenge: options.challenge,
        expectedOrigin: o.origin,
        expectedRPID: o.rpId,
        requireUserVerification: o.userVerification === "required",
        supportedAlgorithmIDs: options.pubKeyCredParams.map(p => p.alg),
      });
      if (!result.verified) throw new Error("the registration did not verify");
      const info = result.registrationInfo;
      const kept = { ...info.credential, fmt: info.fmt, aaguid: info.aaguid };
      user.credentials.push(kept);
      return { ok: true, user: user.name, ...seen(kept, info) };
    },
    async "/api/login/begin"(o) {
      const user = o.user ? accounts.get(o.user) : undefined;
      if (o.user && !user) throw new Error(`nobody here is called ${o.user}`);
      const allow = o.allow?.length
        ? o.allow.map(id => ({ id }))
        : user?.credentials.map(c => ({ id: c.id, transports: c.transports }));
      const options = await generateAuthenticationOptions({
        rpID: o.rpId,
        allowCredentials: allow,
        userVerification: o.userVerification || "preferred",
      });
      return { ceremony: remember({ kind: "get", user, options, o }), options };
    },
    async "/api/login/finish"({ ceremony, credential }) {
      const { options, o } = recall(ceremony);
      const owner = [...accounts.values()].find(a => a.credentials.some(c => c.id === credential.id));
      const kept = owner?.credentials.find(c => c.id === credential.id);
      if (!kept) throw new Error("nobody here has that credential");
      const handle = credential.response.userHandle;
      if (!o.user && (!handle || !Buffer.from(handle, "base64url").equals(Buffer.from(owner.id)))) {
        throw new Error("the user handle is not the account’s");
      }
      const result = await verifyAuthenticationResponse({
        response: credential,
        expectedChallenge: options.challenge,
        expectedOrigin: o.origin,
        expectedRPID: o.rpId,
        credential: kept,
        requireUserVerification: o.userVerification === "required",
      });
      if (!result.verified) throw new Error("the signature did not verify");
      kept.counter = result.authenticationInfo.newCounter;
      return { ok: true, user: owner.name, ...seen(kept, result.authenticationInfo) };
    },
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const send = (status, type, body) => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(body);
    };
    try {
      if (request.method === "POST" && api[url.pathname]) {
        const parts = [];
        for await (const part of request) parts.push(part);
        try {
          send(200, "application/json", JSON.stringify(await api[url.pathname](JSON.parse(Buffer.concat(parts)))));
        } catch (error) {
          send(200, "application/json", JSON.stringify({ ok: false, error: String(error.message) }));
        }
        return;
      }
      if (url.pathname === "/api/credentials") {
        const ids = accounts.get(url.searchParams.get("user"))?.credentials.map(c => c.id) ?? [];
        return send(200, "application/json", JSON.stringify({ ids }));
      }
      const name = normalize(url.pathname === "/" ? "/index.html" : url.pathname);
      send(200, TYPES[extname(name)] ?? "application/octet-stream", await readFile(join(siteFolder, name)));
    } catch {
      send(404, "text/plain", "not found");
    }
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${server.address().port}`,
    close: () =>
      new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
