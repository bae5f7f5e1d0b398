import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The folder of the package that serves the page; TASKAPI_WEB_OUT puts it elsewhere.
const outDir = process.env.TASKAPI_WEB_OUT ?? "../src/taskapi/web/dist";
const service = process.env.TASKAPI_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    reportCompressedSize: false,
    // What every page needs is one file on purpose; its bound is that of the first load, compressed.
    chunkSizeWarningLimit: 700,
    sourcemap: false,
    rolldownOptions: {
      // Of 6,000 icons in one list of exports it reads those that are named: 600 MB in the place of 940, half the time.
      experimental: { lazyBarrel: true },
      output: {
        codeSplitting: {
          groups: [
            // What every page needs is one file, and what most do another: small files compress worse, and each is a
            // request. The rest is as small as what is shown.
            { name: "base", tags: ["$initial"], priority: 1 },
            { name: "common", minShareCount: 20 },
            // From one of them to the next nobody should wait, with a password half typed.
            { name: "visitor", test: /\/features\/auth\// },
          ],
        },
      },
    },
  },
  // `npm run dev` beside a running service: pages from here, the API from there.
  server: { proxy: { "/api": { target: service, ws: true }, "/health": { target: service } } },
});
