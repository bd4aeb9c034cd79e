import { defineConfig } from "vite";

import { compressed } from "./compress.js";
import { iconSprite } from "./icons.js";

export default defineConfig({
  base: "/static/",
  plugins: [iconSprite({ templates: "../src/shouwen", extra: "icons.txt" }), compressed()],
  build: {
    outDir: "../src/shouwen/config/assets",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome93", "firefox92", "safari15"], // store PCs are rarely new
    assetsInlineLimit: 0, // the page's security policy allows no inlined fonts or scripts
    chunkSizeWarningLimit: 1000,
    assetsDir: "",
    rolldownOptions: {
      input: ["src/desk.ts", "src/portal.ts"],
      checks: { eval: false }, // htmx's only eval is switched off by the allowEval of base.html
    },
  },
  server: { origin: "http://localhost:5173" },
});
