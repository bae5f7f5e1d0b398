/** Who is signed in, and what is theirs alone. */

import { ActionIcon, Avatar, Menu, useMantineColorScheme } from "@mantine/core";
import {
  IconBook,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconSunMoon,
  IconTool,
  IconUser,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { signOut, useMe } from "@/api/session";
import { personName } from "@/features/tasks/pickers/choices";
import { openKeySheet } from "@/keyboard/KeySheet";
import { texts } from "@/texts";
import { tellProblem } from "@/ui/toasts";
import { forgetUndo } from "@/ui/undo";

const SCHEMES = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconSunMoon],
] as const;

export function AccountMenu() {
  const me = useMe();
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const words = { light: texts.shell.light, dark: texts.shell.dark, auto: texts.shell.system };

  const leave = async () => {
    try {
      await signOut();
      client.clear();
      forgetUndo();
    } catch (error) {
      tellProblem(error);
    }
  };

  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="transparent" size="lg" aria-label={texts.shell.account}>
          <Avatar size={30} name={personName(me)} color="initials" alt="" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{personName(me)}</Menu.Label>
        <Menu.Item component={Link} to="/settings" leftSection={<IconUser size={16} aria-hidden />}>
          {texts.shell.profile}
        </Menu.Item>
        {me.role === "admin" && (
          <Menu.Item component={Link} to="/admin" leftSection={<IconTool size={16} aria-hidden />}>
            {texts.shell.administration}
          </Menu.Item>
        )}
        <Menu.Item onClick={openKeySheet} leftSection={<IconKeyboard size={16} aria-hidden />}>
          {texts.shell.keys}
        </Menu.Item>
        <Menu.Item component="a" href="/docs" leftSection={<IconBook size={16} aria-hidden />}>
          {texts.shell.docs}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{texts.shell.theme}</Menu.Label>
        {SCHEMES.map(([scheme, Icon]) => (
          <Menu.RadioItem
            key={scheme}
            value={scheme}
            checked={colorScheme === scheme}
            onChange={() => setColorScheme(scheme)}
            rightSection={<Icon size={16} aria-hidden />}
          >
            {words[scheme]}
          </Menu.RadioItem>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={leave} leftSection={<IconLogout size={16} aria-hidden />}>
          {texts.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
