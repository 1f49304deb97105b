import {
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from "@fluentui/react-components";
import { useSignOut } from "../api/hooks/session";
import { text } from "../text";
import { Initials } from "./AccountMenu";
import { useSession } from "./session";
import { chooseTheme, type ThemeChoice, useThemeChoice } from "./theme";

const CHOICES: ThemeChoice[] = ["system", "light", "dark"];

/** The menu, open at first, since it is there because somebody asked for it. */
export function OpenAccountMenu() {
  const { account } = useSession();
  const theme = useThemeChoice();
  const signOut = useSignOut();
  const words = text.frame.account;
  const roles = account.roles.map((role) => text.common.roles[role] ?? role).join(", ");
  return (
    <Menu
      defaultOpen
      // Within the header, so that what it holds stays within a landmark.
      inline
      checkedValues={{ theme: [theme] }}
      onCheckedValueChange={(_, data) => chooseTheme((data.checkedItems[0] ?? "system") as ThemeChoice)}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          shape="circular"
          aria-label={words.menu(account.name)}
          icon={<Initials name={account.name} />}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>
              {account.name} · {roles}
            </MenuGroupHeader>
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{words.theme}</MenuGroupHeader>
            {CHOICES.map((choice) => (
              <MenuItemRadio key={choice} name="theme" value={choice}>
                {words.themes[choice]}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem onClick={() => signOut.mutate()}>{words.signOut}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
