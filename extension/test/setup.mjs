// What the page-world script saves at its start and node does not have. Nothing here answers in place of a browser:
// how the script behaves in one is tested in browsers (../e2e/road-*.test.mjs).
globalThis.Document ??= class Document {
  hasFocus() {
    return true;
  }
};
globalThis.document ??= new globalThis.Document();

// Browsers have these as accessors of the prototype, node as own properties.
const Native = globalThis.MessageChannel;
globalThis.MessageChannel = class MessageChannel {
  #native = new Native();
  get port1() {
    return this.#native.port1;
  }
  get port2() {
    return this.#native.port2;
  }
};
