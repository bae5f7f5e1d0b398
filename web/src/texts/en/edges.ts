/** Words for pages that are not there. */

export const edges = {
  notFound: "Not found",
  missing: "A part of this page could not be loaded.",
  renewed: "A part of this page could not be loaded. The page is loaded again as soon as the service answers.",
};
