// The script that test pages load: helpers that call WebAuthn as sites do and report what they saw as plain values.
export const SCRIPT = `
function creation(name, more = {}) {
  return { challenge: new Uint8Array(16), rp: { name }, user: { id: new Uint8Array([1, 2, 3, 4]), name: 'n', displayName: 'd' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }], ...more };
}
function request(hint, more = {}) {
  return { challenge: new Uint8Array(16), hints: [hint], ...more };
}
async function outcome(promise) {
  try {
    const c = await promise;
    if (!c) return { value: c };
    const data = new TextDecoder().decode(c.response.clientDataJSON);
    return { id: c.id, mine: c instanceof PublicKeyCredential, sent: JSON.parse(data) };
  } catch (e) {
    return { error: e.name, message: e.message, dom: e instanceof DOMException, type: e instanceof TypeError };
  }
}
const create = (name, more, rest = {}) => outcome(navigator.credentials.create({ publicKey: creation(name, more), ...rest }));
const get = (hint, more, rest = {}) => outcome(navigator.credentials.get({ publicKey: request(hint, more), ...rest }));
addEventListener('message', async (e) => {
  if (e.data && e.data.run) e.source.postMessage({ ran: await outcome(navigator.credentials[e.data.run]({ publicKey: e.data.run === 'get' ? request('') : creation('x') })), n: e.data.n, origin: origin }, '*');
});
function inFrame(frame, run) {
  const n = Math.random();
  return new Promise((resolve) => {
    addEventListener('message', function answer(e) { if (e.data.n === n) { removeEventListener('message', answer); resolve(e.data); } });
    frame.postMessage({ run, n }, '*');
    setTimeout(() => resolve({ silent: true }), 8000);
  });
}
`;

/** A page with the script, a body and optional early inline script before everything else. */
export const html = (body = "", early = "") =>
  `<!doctype html><html><head>${early ? `<script>${early}</script>` : ""}<title>road</title><script>${SCRIPT}</script></head><body>${body}</body></html>`;
