export const signIn = {
  title: "Sign in to Reseat",
  name: "Name",
  password: "Password",
  submit: "Sign in",
  failed: "Name or password is wrong.",
  demoHint: "The demo printed its sign-ins where it was started.",
  version: (version: string) => `Version ${version}`,
  setup: {
    title: "Set up Reseat",
    intro: "Nobody can sign in yet. The one-time code is in the log of the server that was started.",
    code: "One-time code",
    submit: "Create account and sign in",
    name: "Your name",
    password: "Password",
    passwordHint: "At least 12 characters.",
    who: "Who decides here?",
    several: "Several people",
    severalHint:
      "You become the administrator and decide nothing about licenses. You add a license manager and an approver; what one proposes, another approves.",
    single: "Only me (single operator)",
    singleHint:
      "You become administrator, license manager and approver: you may approve what you proposed. Every record and export says “single operator”. It ends when a second license manager or approver is added. Nothing about your own licenses is yours to decide.",
  },
};
