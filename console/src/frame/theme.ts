import { type Theme, webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { useEffect, useSyncExternalStore } from "react";

/** Fluent's look, and the two figures that have a color of their own everywhere. */
interface OwnTokens {
  colorRecoverable: string;
  colorRecoverableSoft: string;
  colorProven: string;
  colorProvenSoft: string;
  /** Words about what needs a person now; Fluent's own red is too faint on its dark panels. */
  colorTrouble: string;
}

export type OwnTheme = Theme & OwnTokens;

export const lightTheme: OwnTheme = {
  ...webLightTheme,
  colorRecoverable: "#0f6cbd",
  colorRecoverableSoft: "#cfe4fa",
  colorProven: "#0e700e",
  colorProvenSoft: "#c9eac9",
  colorTrouble: "#b10e1c",
};

export const darkTheme: OwnTheme = {
  ...webDarkTheme,
  colorRecoverable: "#62abf5",
  colorRecoverableSoft: "#0f3a62",
  colorProven: "#54b054",
  colorProvenSoft: "#1b4d1b",
  colorTrouble: "#f1707b",
};

/** The own tokens, for styles. */
export const own = {
  recoverable: "var(--colorRecoverable)",
  recoverableSoft: "var(--colorRecoverableSoft)",
  proven: "var(--colorProven)",
  provenSoft: "var(--colorProvenSoft)",
  trouble: "var(--colorTrouble)",
} as const;

export type ThemeChoice = "system" | "light" | "dark";

const KEY = "reseat.theme";
const CHANGED = "reseat-theme-changed";

export function chosenTheme(): ThemeChoice {
  // A browser may refuse storage; then the system's choice is followed.
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Nothing to do: the choice lasts until the page is left.
  }
  window.dispatchEvent(new Event(CHANGED));
}

function systemIsDark(): MediaQueryList {
  return window.matchMedia("(prefers-color-scheme: dark)");
}

function subscribe(changed: () => void): () => void {
  const media = systemIsDark();
  media.addEventListener("change", changed);
  window.addEventListener(CHANGED, changed);
  window.addEventListener("storage", changed);
  return () => {
    media.removeEventListener("change", changed);
    window.removeEventListener(CHANGED, changed);
    window.removeEventListener("storage", changed);
  };
}

function isDark(): boolean {
  const choice = chosenTheme();
  return choice === "system" ? systemIsDark().matches : choice === "dark";
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, chosenTheme);
}

/** The theme in force; scroll bars and form controls of the browser follow it. */
export function useTheme(): OwnTheme {
  const dark = useSyncExternalStore(subscribe, isDark);
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  return dark ? darkTheme : lightTheme;
}
