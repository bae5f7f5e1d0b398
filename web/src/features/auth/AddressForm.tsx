/** Asks for an address and has a mail sent to it; what it says does not tell whether somebody has an account. */

import { Alert, TextInput } from "@mantine/core";
import { useState } from "react";

import { texts } from "@/texts";
import { useWrite } from "@/ui/forms/useWrite";
import { WriteForm } from "@/ui/forms/WriteForm";

type Props = { button: string; sent: string; send: (email: string) => Promise<unknown>; focus?: boolean };

export function AddressForm({ button, sent, send, focus = false }: Props) {
  const [email, setEmail] = useState("");
  const write = useWrite(send);
  if (write.isSuccess) {
    return (
      <Alert color="teal" role="status">
        {sent}
      </Alert>
    );
  }
  return (
    <WriteForm write={write} fields={["email"]} button={button} full onSubmit={() => write.send(email.trim())}>
      <TextInput
        type="email"
        label={texts.auth.creating.email}
        required
        autoComplete="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={write.about("email")}
        autoFocus={focus}
      />
    </WriteForm>
  );
}
