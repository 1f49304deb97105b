import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useRouter } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, type MouseEvent, useCallback } from "react";

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecoration: "none",
    borderRadius: tokens.borderRadiusSmall,
    ":hover": { textDecoration: "underline", color: tokens.colorBrandForegroundLinkHover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "1px" },
  },
  plain: { color: "inherit", ":hover": { color: "inherit" } },
  /** Within a sentence color alone would not tell. */
  inline: { textDecoration: "underline" },
});

interface AppLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** From `paths`. */
  href: string;
  /** Without the link color, for text that is a link among other things. */
  plain?: boolean;
  /** Within a sentence: underlined. */
  inline?: boolean;
}

/** Whether the browser should do what it does with a link: a new tab, a download. */
export function isForTheBrowser(event: MouseEvent): boolean {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

/** Goes to a page of the console without loading it anew. */
export function useGo(): (href: string) => void {
  const router = useRouter();
  return useCallback((href) => void router.navigate({ href }), [router]);
}

/** A link within the console; it is a real anchor, so everything a browser offers works. */
export function AppLink({ href, plain = false, inline = false, className, onClick, ...rest }: AppLinkProps) {
  const styles = useStyles();
  const go = useGo();
  return (
    <a
      {...rest}
      href={href}
      className={mergeClasses(styles.link, plain && styles.plain, inline && styles.inline, className)}
      onClick={(event) => {
        onClick?.(event);
        if (!event.defaultPrevented && !isForTheBrowser(event)) {
          event.preventDefault();
          go(href);
        }
      }}
    />
  );
}
