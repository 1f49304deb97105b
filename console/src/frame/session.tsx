import { createContext, type ReactNode, useContext } from "react";
import type { PermissionName, Session } from "../api/types";

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

/** Whether the roles grant it. The server decides; this only spares people a refused click. */
export function useMay(permission: PermissionName): boolean {
  return useSession().permissions.includes(permission);
}
