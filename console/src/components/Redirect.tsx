import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/** Goes to another page instead of this one; the back button does not come back here. */
export function Redirect({ href }: { href: string }) {
  const router = useRouter();
  useEffect(() => {
    void router.navigate({ href, replace: true });
  }, [router, href]);
  return null;
}
