import {
  Apps20Regular,
  Board20Regular,
  Document20Regular,
  Money20Regular,
  People20Regular,
  Settings20Regular,
  TaskListSquareLtr20Regular,
} from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { paths } from "../paths";
import { text } from "../text";

export interface NavigationEntry {
  label: string;
  href: string;
  icon: ReactNode;
  /** Also for those who may read nothing but what is given to them to review. */
  forEveryone?: true;
}

/** The pages in the order of what people do; only those that exist. */
export const entries: NavigationEntry[] = [
  { label: text.frame.pages.overview, href: paths.overview(), icon: <Board20Regular /> },
  { label: text.frame.pages.recoverable, href: paths.skus(), icon: <Money20Regular /> },
  { label: text.frame.pages.people, href: paths.people(), icon: <People20Regular /> },
  { label: text.frame.pages.candidates, href: paths.candidates(), icon: <TaskListSquareLtr20Regular /> },
  { label: text.frame.pages.trail, href: paths.trail(), icon: <Document20Regular /> },
  { label: text.frame.pages.applications, href: paths.applications(), icon: <Apps20Regular /> },
  { label: text.frame.pages.settings, href: paths.settings(), icon: <Settings20Regular />, forEveryone: true },
];
