/** The category tree: nested lists whose rows are dragged to another place or level. The arrows beside them do the same. */
import Sortable from "sortablejs";
import { all, one, prefersReducedMotion } from "../lib/dom.js";
import { complain, post } from "./sorting.js";

export function startTree(): void {
  const tree = one("[data-tree]");
  if (!tree) return;
  focusMoved();
  for (const list of all("[data-tree-list]", tree)) {
    Sortable.create(list, {
      group: "tree",
      draggable: "[data-tree-id]",
      handle: "[data-tree-handle]",
      animation: prefersReducedMotion() ? 0 : 150,
      fallbackOnBody: true,
      swapThreshold: 0.65,
      // A row goes into another one only to the right of its handle: straight up and down it stays on its level.
      emptyInsertThreshold: 4,
      ghostClass: "th-ghost",
      onStart: () => tree.classList.add("dragging"),
      onEnd: (event) => {
        tree.classList.remove("dragging");
        if (event.from !== event.to || event.oldIndex !== event.newIndex) void savePlace(tree, event.item);
      },
    });
  }
}

/** After a step by keyboard the page is loaded anew: the same arrow has the focus again, once the browser has gone to
 * the address's fragment, which takes the focus away. */
function focusMoved(): void {
  const step = new URLSearchParams(location.search).get("step");
  const arrow = step && one(`[data-tree-id].moved > .th-leaf button[value="${CSS.escape(step)}"]`);
  if (!arrow) return;
  const focus = () => requestAnimationFrame(() => arrow.focus());
  if (document.readyState === "complete") focus();
  else addEventListener("load", focus, { once: true });
}

async function savePlace(tree: HTMLElement, row: HTMLElement): Promise<void> {
  const next = row.nextElementSibling as HTMLElement | null;
  const answer = await post((tree.dataset["tree"] ?? "").replace(/\/0$/, `/${row.dataset["treeId"] ?? ""}`), [
    ["parent", row.parentElement?.dataset["parent"] ?? "0"],
    ["before", next?.dataset["treeId"] ?? ""],
  ]);
  if (answer?.ok) return;
  complain((answer && (await answer.text())) || (tree.dataset["treeFailed"] ?? ""));
  setTimeout(() => location.reload(), 2500);
}
