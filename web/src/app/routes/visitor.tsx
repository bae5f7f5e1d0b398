/** Pages for everybody. */

import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { usable } from "@/api/session";
import { texts } from "@/texts";

import { WentWrongAlone } from "../edges";
import { sharedSearch, tokenSearch } from "../search";
import { root } from "./root";

const words = texts.auth;

export const visitor = createRoute({
  getParentRoute: () => root,
  id: "visitor",
  staticData: { title: null },
  component: lazyRouteComponent(() => import("@/features/auth/VisitorLayout")),
  errorComponent: WentWrongAlone,
});

export const visitorPages = [
  page("sign-in", words.signInTitle, () => import("@/features/auth/SignInPage"), knowWhoIsHere),
  page("create-account", words.creating.title, () => import("@/features/auth/CreateAccountPage")),
  page("verify-email", words.verifying.title, () => import("@/features/auth/VerifyEmailPage")),
  page("forgot-password", words.forgetting.title, () => import("@/features/auth/ForgotPasswordPage")),
  page("reset-password", words.resetting.title, () => import("@/features/auth/ResetPasswordPage")),
  page("confirm-email", words.confirming.title, () => import("@/features/auth/ConfirmEmailPage")),
  page("undo-email-change", words.undoing.title, () => import("@/features/auth/UndoEmailChangePage")),
  page("oidc/complete", words.provider.title, () => import("@/features/auth/OidcCompletePage")),
  page("invitations/accept", words.inviting.title, () => import("@/features/auth/AcceptInvitationPage")),
] as const;

/** Who is signed in has no use for the form, but a tab that was just opened knows it from the cookie alone. */
async function knowWhoIsHere(): Promise<void> {
  await usable().catch(() => null);
}

function page<const P extends string>(
  path: P,
  title: string,
  load: () => Promise<{ default: () => ReactNode }>,
  beforeLoad?: () => Promise<void>,
) {
  return createRoute({
    getParentRoute: () => visitor,
    path,
    staticData: { title },
    component: lazyRouteComponent(load),
    validateSearch: tokenSearch,
    beforeLoad,
  });
}

export const shared = createRoute({
  getParentRoute: () => root,
  path: "shared/$token",
  staticData: { title: texts.sharedPage.shared },
  validateSearch: sharedSearch,
  component: lazyRouteComponent(() => import("@/features/shared/SharedPage")),
  errorComponent: WentWrongAlone,
});
