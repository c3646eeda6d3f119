/**
 * Builds the web chat into hashed files under `dist/`, which the gateway reads at start and serves from memory.
 *
 * Nothing here may put a script or a style into the page itself: the gateway's Content-Security-Policy allows files only.
 */
import { defineConfig } from "vite";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    // virtua is written for React; preact/compat speaks the same hooks.
    alias: { react: "preact/compat", "react-dom": "preact/compat", "react/jsx-runtime": "preact/jsx-runtime" },
  },
  build: {
    // The first engines with light-dark() and popovers; older ones get no second, larger bundle.
    target: ["chrome123", "firefox128", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    sourcemap: false,
    // The texts that the licences of what is bundled ask for; NOTICE names this file.
    license: { fileName: "THIRD-PARTY-LICENSES.txt" },
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } },
  },
});
