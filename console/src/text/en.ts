import { applications } from "./en/applications";
import { candidates } from "./en/candidates";
import { common } from "./en/common";
import { connections, doctor, writes } from "./en/connections";
import { frame } from "./en/frame";
import { overview } from "./en/overview";
import { people } from "./en/people";
import { seats } from "./en/seats";
import { settings } from "./en/settings";
import { signIn } from "./en/sign-in";
import { trail } from "./en/trail";

/** English, one section a page. Words are those of docs/words.md. */
export const en = {
  common,
  frame,
  overview,
  seats,
  candidates,
  people,
  trail,
  applications,
  connections,
  doctor,
  writes,
  settings,
  signIn,
};
