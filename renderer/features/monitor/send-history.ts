import { storedState } from './stored.ts';

const keptLines = 200;

/** What was sent to each port, oldest first; survives a reload. */
export const useSendHistory = storedState<{ lines: Record<string, string[]> }>('talkbench.monitor.sent', { lines: {} });

export function remember(port: string, line: string): void {
  if (line === '') return;
  useSendHistory.setState(({ lines }) => ({
    lines: { ...lines, [port]: [...(lines[port] ?? []).filter((each) => each !== line), line].slice(-keptLines) },
  }));
}
