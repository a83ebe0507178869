import type { AppStore } from "../../state/store.ts";

/** What the reader of a link does not get, as the end of a sentence; "" where it is all. */
function withoutText(store: AppStore): string {
  const { session } = store.getState();
  const { setting } = session;
  const names = setting.rig.devices.filter(({ id }) => setting.profiles.has(id)).map(({ name }) => name);
  return names.length === 0 ? "" : ` It does not hold the profile of ${names.join(", ")}: times are estimates there.`;
}

/** Puts the link to the plan on screen into the clipboard, or where that is not allowed into the address bar. */
export async function copyLink(store: AppStore): Promise<void> {
  const link = await store.getState().planLink();
  const { notify, model, source } = store.getState();
  if (!link.ok) {
    notify("error", link.error);
    return;
  }
  const file = source?.kind === "files" ? ` Who opens it needs the file ${model?.fileName ?? "of the model"}.` : "";
  const more = `${file}${withoutText(store)}`;
  try {
    await navigator.clipboard.writeText(link.value);
    notify(
      "info",
      `The link is copied: rig and plan in ${link.value.length.toLocaleString("en-US")} characters.${more}`,
    );
  } catch {
    history.replaceState(null, "", link.value);
    notify("info", `The browser does not let the link be copied; it is in the address bar now.${more}`);
  }
}
