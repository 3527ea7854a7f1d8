/** Saves bytes as a download. In the desktop host the same download opens the system's dialog. */
export function saveFile(fileName: string, data: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([data.slice()]));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = fileName;
  anchor.click();
  // The download has taken its own reference by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

export async function readFile(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}
