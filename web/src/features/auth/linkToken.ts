/** The token that a mailed link carries: read once and taken out of the address, where histories and screenshots keep it. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";

export function useLinkToken(): string | undefined {
  const { token } = useSearch({ strict: false });
  const [kept] = useState(token);
  const navigate = useNavigate();
  useEffect(() => {
    if (token === undefined) return;
    void navigate({ to: ".", search: (before) => ({ ...before, token: undefined }), replace: true });
  }, [token, navigate]);
  return kept;
}
