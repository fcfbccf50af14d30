/** True in the test build, which has an extension id of its own. Set by build.mjs. */
declare const __TEST__: boolean;

/** True in Firefox's build. Set by build.mjs. */
declare const __FIREFOX__: boolean;
