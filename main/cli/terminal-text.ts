/** What a board sent must not ring the bell, move the cursor or write into the terminal's title. */
export function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f]/g, '\uFFFD');
}
