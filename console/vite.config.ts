import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the sources and sends REST calls to a running `reseat demo` or `reseat serve`.
const server = process.env.RESEAT_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  // The host stays as the browser named it: the server refuses a command that comes from another origin.
  server: { proxy: { "/api": { target: server, changeOrigin: false } } },
  build: {
    // Assets are embedded in the binary and served with a strict policy: nothing may be inlined as data:.
    assetsInlineLimit: 0,
    target: "es2023",
    reportCompressedSize: true,
  },
  test: {
    // Logic needs no document; tests of components say so themselves: starting one costs seconds.
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    // Fixed, so that what a test reads does not depend on the machine.
    env: { TZ: "UTC" },
  },
});
