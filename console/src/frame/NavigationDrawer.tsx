import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from "@fluentui/react-components";
import { Dismiss20Regular } from "@fluentui/react-icons";
import { text } from "../text";
import { Navigation } from "./Navigation";

/** The navigation of narrow screens. */
export function NavigationDrawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <OverlayDrawer open={open} onOpenChange={(_, data) => data.open || onClose()} position="start" size="small">
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button appearance="subtle" icon={<Dismiss20Regular />} aria-label={text.common.close} onClick={onClose} />
          }
        >
          {text.common.product}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <Navigation onGo={onClose} />
      </DrawerBody>
    </OverlayDrawer>
  );
}
