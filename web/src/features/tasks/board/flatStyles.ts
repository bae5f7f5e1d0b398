/** The rules that dnd-kit adds for as long as a card is carried, without a cascade layer. */

import { StyleInjector } from "@dnd-kit/dom";

const { prototype } = StyleInjector;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object
const { register } = prototype;

// A layer that comes or goes makes Chromium look up every font again and lay out the whole page: 30 ms at both ends of
// a drag. These rules need none, for what is in it weighs nothing (:where).
prototype.register = function (this: StyleInjector, rules: string) {
  return register.call(this, rules.replace("@layer dnd-kit", "@media all"));
};
