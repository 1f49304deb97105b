import { start } from "./demo.ts";

/** Starts the demo before the first spec; what it returns stops it after the last. */
export default start;
