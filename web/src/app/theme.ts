/** Colours with enough contrast in both schemes (WCAG 2.2 AA), and the sizes of the page. */

import type {
  AvatarProps,
  CSSVariablesResolver,
  InputWrapperProps,
  MenuProps,
  ModalProps,
  PasswordInputProps,
  PopoverProps,
} from "@mantine/core";
import { createTheme } from "@mantine/core";

import { texts } from "@/texts";

// What fades away keeps the focus until it is gone, and the next key with it.
export const GONE_AT_ONCE = { duration: 150, exitDuration: 0 };

export const theme = createTheme({
  // The library's own shade 6 has 3.6:1 on white.
  primaryColor: "blue",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  cursorType: "pointer",
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  respectReducedMotion: true,
  components: {
    // The other colours have letters with less than 4.5:1 on their light ground.
    Avatar: by<AvatarProps>({ allowedInitialsColors: ["blue", "indigo", "violet", "grape", "pink"] }),
    // The head of a dialog is no second banner of the page.
    Modal: by<ModalProps>({
      attributes: { header: { role: "presentation" } },
      transitionProps: GONE_AT_ONCE,
      closeButtonProps: { "aria-label": texts.common.close },
    }),
    Popover: by<PopoverProps>({ transitionProps: GONE_AT_ONCE }),
    // In a menu there is nothing but its items; the focus goes to the first.
    Menu: by<MenuProps>({ withInitialFocusPlaceholder: false }),
    // The mark of what is required is drawn (page.css): as text it would belong to the field's name.
    InputWrapper: by<InputWrapperProps>({ withAsterisk: false }),
    // A name without the word: who looks for the field called Password finds one thing.
    PasswordInput: by<PasswordInputProps>({
      visibilityToggleButtonProps: { "aria-label": texts.common.reveal, tabIndex: 0 },
    }),
  },
});

/** What a component is given unless its user says otherwise. By its type alone: the first load has no dialog in it. */
function by<Props>(defaultProps: Partial<Props>): { defaultProps: Partial<Props> } {
  return { defaultProps };
}

/** The library's grey and red for words have 3.3:1 on white; WCAG 2.2 wants 4.5:1. */
export const readableColors: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": colors.gray[7],
    "--mantine-color-placeholder": colors.gray[7],
    "--mantine-color-error": colors.red[9],
  },
  dark: {
    "--mantine-color-dimmed": colors.dark[1],
    "--mantine-color-placeholder": colors.dark[1],
    "--mantine-color-error": colors.red[4],
  },
});
