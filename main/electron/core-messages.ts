/** What the main process and the core say to each other, apart from the ports handed over. */
export type ToCore =
  | { type: 'ping' }
  | { type: 'stop' }
  /** With the core's end of a channel to the helper. */
  | { type: 'helper'; id: number }
  | { type: 'helper-ended'; id: number; code: number | string | null; said: string }
  /** A PDF; null when the page could not be printed, `reason` says why. */
  | { type: 'printed'; id: number; data: Uint8Array | null; reason: string };

export type FromCore =
  | { type: 'ready' }
  | { type: 'pong' }
  /** `script`: the file of one of the core's own processes. */
  | { type: 'start-helper'; id: number; script: string; args: readonly string[] }
  | { type: 'kill-helper'; id: number }
  /** `page`: an HTML file that needs nothing else. */
  | { type: 'print'; id: number; page: string }
  | { type: 'cancel-print'; id: number };
