import { createContext, type ReactNode, useContext } from "react";
import type { Session } from "../api/types";

const Current = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Current.Provider value={session}>{children}</Current.Provider>;
}

/** Who is signed in. Only for what is inside the frame. */
export function useSession(): Session {
  const session = useContext(Current);
  if (session === null) {
    throw new Error("useSession outside of the frame");
  }
  return session;
}

/** The words of `domain::role::Permission`. The server decides; this only spares people a refused click. */
export type Permission =
  | "read"
  | "read_trail"
  | "manage_candidates"
  | "decide"
  | "manage_plans"
  | "manage_prices"
  | "sync"
  | "administer"
  | "freeze"
  | "thaw"
  | "move_demo_clock";

export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
