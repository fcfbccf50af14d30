// Who asks, as the agent hears it: origin, frame, ancestors and delegation come from the browser, for every kind of
// document that can call WebAuthn.
import assert from "node:assert/strict";
import { inBothBrowsers, serve } from "./road/rig.mjs";
import { html, SCRIPT } from "./road/site.mjs";

const ALLOW = 'allow="publickey-credentials-get; publickey-credentials-create"';

inBothBrowsers("origin, ancestors and delegation are the browser's word", {}, async (t, b, kind) => {
  const pages = { "/plain": html() };
  const site = await serve(t, pages);
  const mine = site.origin;
  const other = new URL(site.at("other.localhost")).origin;
  pages["/top"] = html(`
    <iframe id=same src="/plain"></iframe>
    <iframe id=cross src="${other}/plain"></iframe>
    <iframe id=allowed ${ALLOW} src="${other}/plain"></iframe>
    <iframe id=sandboxed sandbox="allow-scripts" src="/plain"></iframe>
    <iframe id=blank></iframe>
    <iframe id=srcdoc srcdoc="<script>${SCRIPT.replaceAll('"', "&quot;")}</script>"></iframe>
    <iframe id=nested ${ALLOW} src="${other}/nest"></iframe>`);
  // Another origin's frame that embeds ours: same origin as the top, with a stranger in between.
  pages["/nest"] = `<!doctype html><iframe id=inner ${ALLOW} src="${mine}/plain"></iframe><script>
    addEventListener('message', (e) => {
      if (e.data.run) inner.contentWindow.postMessage(e.data, '*');
      else if (e.data.ran) parent.postMessage(e.data, '*');
    });
    </script>`;
  await b.page.goto(`${mine}/top`);
  await b.page.evaluate(() => {
    const d = document.getElementById("blank").contentDocument;
    d.head.append(Object.assign(d.createElement("script"), { textContent: document.scripts[0].textContent }));
  });
  const sent = async (id, run) => {
    const call = ([i, r]) => inFrame(document.getElementById(i).contentWindow, r);
    const { ran } = await b.page.evaluate(call, [id, run]);
    assert.ok(ran?.mine, `${id} ${run}: ${JSON.stringify(ran)}`);
    const { sender, body } = ran.sent;
    assert.equal(sender.kind, "content");
    assert.ok(sender.tabId > 0 && sender.frameId > 0 && sender.documentId, JSON.stringify(sender));
    return { origin: sender.origin, ancestors: sender.ancestors, delegated: body.delegated };
  };
  const expected = {
    same: [mine, [mine], true, true],
    cross: [other, [mine], false, false],
    // A create in another origin's frame takes a click in that frame (frames.test.mjs has one).
    allowed: [other, [mine], true, false],
    sandboxed: ["null", [mine], false, false],
    blank: [mine, [mine], true, true],
    srcdoc: [mine, [mine], true, true],
    // The test's own script counts as a click in the top document and in what shares its origin; Firefox looks at
    // the top document's origin only. The stranger in between is the agent's to see.
    nested: [mine, [other, mine], true, true],
  };
  for (const [id, [origin, ancestors, get, create]] of Object.entries(expected)) {
    assert.deepEqual(await sent(id, "get"), { origin, ancestors, delegated: get }, `${id} get`);
    assert.deepEqual(await sent(id, "create"), { origin, ancestors, delegated: create }, `${id} create`);
  }

  const headers = { "permissions-policy": "publickey-credentials-get=()" };
  pages["/forbidden"] = { body: html(), headers };
  await b.page.goto(`${mine}/forbidden`);
  const seen = await b.page.evaluate(() => get(""));
  // Firefox does not enforce the header, neither for its own implementation nor for us.
  assert.equal(seen.sent.body.delegated, kind === "firefox");
  assert.equal(seen.sent.body.visible, true);
  assert.deepEqual(seen.sent.sender.ancestors, []);
});
