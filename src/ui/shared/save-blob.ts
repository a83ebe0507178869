/** Hands a file to the browser's download, under the given name. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  // The download has taken its own reference once the click was handled.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
