/** One account, as administrators see to it. */

import { Button, Group, NativeSelect, Stack, Switch, Text } from "@mantine/core";

import { answer, api } from "@/api/client";
import type { SystemRole, UserRead, UserUpdate } from "@/api/schema";
import { useMe } from "@/api/session";
import { personName } from "@/features/tasks/pickers/choices";
import { texts } from "@/texts";
import { ConfirmButton } from "@/ui/forms/ConfirmButton";
import { useWrite } from "@/ui/forms/useWrite";
import { tell } from "@/ui/toasts";

const words = texts.admin.users;
const ROLES = (Object.keys(words.roles) as SystemRole[]).map((value) => ({ value, label: words.roles[value] }));

export function UserRow({ user }: { user: UserRead }) {
  const me = useMe();
  const name = personName(user);
  const params = { path: { user_id: user.id } };
  const after = { loud: true, stale: [["admin", "users"]] };
  const change = useWrite((body: UserUpdate) => answer(api.PATCH("/api/v1/users/{user_id}", { params, body })), after);
  // Shown at once: a control that is disabled meanwhile would lose the focus.
  const wished = change.sending ?? {};
  const signOut = useWrite(() => answer(api.POST("/api/v1/users/{user_id}/sign-out", { params })), {
    ...after,
    done: () => tell(words.signedOut(name)),
  });
  const endFactor = useWrite(() => answer(api.DELETE("/api/v1/users/{user_id}/totp", { params })), {
    ...after,
    done: () => tell(words.factorEnded(name)),
  });
  const remove = useWrite(() => answer(api.DELETE("/api/v1/users/{user_id}", { params })), after);
  return (
    <Group justify="space-between">
      <Stack gap={2}>
        <Text>
          {name}{" "}
          <Text span size="sm" c="dimmed">
            @{user.username}
          </Text>
        </Text>
        <Text size="sm" c="dimmed">
          {user.email}
          {user.email_verified ? "" : `, ${words.unproven}`}
        </Text>
      </Stack>
      <Group gap="xs">
        {user.id === me.id ? (
          // Who takes the keys from themselves cannot give them back.
          <Text size="sm">
            {words.roles[user.role]}, {words.you}
          </Text>
        ) : (
          <>
            <NativeSelect
              aria-label={words.roleOf(name)}
              data={ROLES}
              value={wished.role ?? user.role}
              onChange={(event) => change.send({ role: event.currentTarget.value as SystemRole })}
            />
            <Switch
              label={words.may}
              aria-label={words.activeOf(name)}
              checked={wished.is_active ?? user.is_active}
              onChange={(event) => change.send({ is_active: event.currentTarget.checked })}
            />
            <Button
              size="compact-sm"
              variant="default"
              aria-label={words.signOutOf(name)}
              loading={signOut.isPending}
              onClick={() => signOut.send()}
            >
              {words.signOut}
            </Button>
            <ConfirmButton
              label={words.endFactor}
              ariaLabel={words.endFactorOf(name)}
              question={words.endFactorQuestion}
              loading={endFactor.isPending}
              onConfirm={() => endFactor.send()}
            />
            <ConfirmButton
              label={texts.common.delete}
              ariaLabel={words.deleteOf(name)}
              question={words.deleteQuestion}
              loading={remove.isPending}
              onConfirm={() => remove.send()}
            />
          </>
        )}
      </Group>
    </Group>
  );
}
