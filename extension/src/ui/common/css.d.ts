/** esbuild puts a page's imported style sheets beside its script. */
declare module "*.css";
