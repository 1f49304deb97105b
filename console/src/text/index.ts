/** Everything the console says. Another language is another object of this shape, chosen here. */
import { en } from "./en";

export type Catalog = typeof en;

export const text: Catalog = en;
