import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

/** How far the server's clock is ahead of the browser's, in milliseconds. */
const Ahead = createContext(0);

export function NowProvider({ serverNow, children }: { serverNow: string | undefined; children: ReactNode }) {
  const ahead = useMemo(() => (serverNow === undefined ? 0 : Date.parse(serverNow) - Date.now()), [serverNow]);
  return <Ahead.Provider value={ahead}>{children}</Ahead.Provider>;
}

/** What time it is for the server: a demo's clock is not the browser's. Renewed every half minute. */
export function useNow(): Date {
  const ahead = useContext(Ahead);
  const [here, setHere] = useState(() => Date.now());
  useEffect(() => {
    setHere(Date.now());
    const timer = setInterval(() => setHere(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return new Date(here + ahead);
}
