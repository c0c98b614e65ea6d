// Show each explorable where it stands, in place of its picture, once it comes near the screen.
// The modules are text here, not files: a page that was opened from a disk may import no file.
const started = {};
const start = async (element) => {
  const name = element.dataset.explorable;
  const file = () => URL.createObjectURL(new Blob([MODULES[name]], { type: "text/javascript" }));
  const { show } = await (started[name] ??= import(file()));
  element.replaceChildren();
  show(element, JSON.parse(element.dataset.state));
};
document.addEventListener("DOMContentLoaded", () => {
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((e) => e.isIntersecting)) {
        near.unobserve(entry.target);
        start(entry.target);
      }
    },
    { rootMargin: "600px" },
  );
  document.querySelectorAll("[data-explorable]").forEach((element) => near.observe(element));
  // What is wider than the screen scrolls; so it must be reachable by keys.
  const wide = new ResizeObserver((entries) => {
    for (const { target } of entries)
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
  });
  document.querySelectorAll("pre, .table-wrapper, .formula, .output").forEach((element) => wide.observe(element));
});
