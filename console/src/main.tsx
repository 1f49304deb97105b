import { createDOMRenderer, FluentProvider, RendererProvider } from "@fluentui/react-components";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/query-client";
import { useTheme } from "./frame/theme";
import { createConsoleRouter } from "./routes";
import "./global.css";

/** The answer's nonce: the policy refuses style elements without it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });

function Console() {
  const theme = useTheme();
  const [client] = useState(createQueryClient);
  const [router] = useState(createConsoleRouter);
  return (
    <RendererProvider renderer={renderer}>
      <FluentProvider theme={theme}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </FluentProvider>
    </RendererProvider>
  );
}

const element = document.getElementById("root");
if (element !== null) {
  createRoot(element).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
}
