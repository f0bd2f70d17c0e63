// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from "vite";

// One script and one style sheet with fixed names; page.mjs puts both into one file.
export default defineConfig({
  build: {
    target: "es2022",
    cssTarget: "chrome100",
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: "src/main.ts",
      output: { format: "iife", entryFileNames: "page.js", assetFileNames: "page[extname]" },
    },
  },
});
