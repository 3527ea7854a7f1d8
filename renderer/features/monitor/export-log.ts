import type { CallReply, CallRequest } from '../../../preload/contract/index.ts';
import type { Lab } from '../../lib/lab.ts';

export type LogExport = CallRequest<'logs.export'>;
export type LogFormat = LogExport['format'];

export interface ExportProgress {
  doneRows: number;
  totalRows: number;
}

/** A whole log as one file, asked for in pieces. Rejects with a TalkError; 'cancelled' when the signal says so. */
export async function exportLog(
  lab: Lab,
  request: LogExport,
  options: { signal: AbortSignal; onProgress(progress: ExportProgress): void },
): Promise<{ fileName: string; data: Blob }> {
  const pieces: BlobPart[] = [];
  let cursor: string | null = null;
  let fileName = '';
  do {
    const piece: CallReply<'logs.export'> = await lab.call('logs.export', { ...request, cursor }, { signal: options.signal });
    // A blob's parts may lie on disk; a joined array would be the whole log in memory twice.
    pieces.push(new Blob([piece.data.slice()]));
    fileName = piece.fileName;
    cursor = piece.cursor;
    options.onProgress(piece);
  } while (cursor !== null);
  return { fileName, data: new Blob(pieces) };
}

/** Saves a file as a download; in the desktop host the same download opens the system's dialog. */
export function saveBlob(fileName: string, data: Blob): void {
  const url = URL.createObjectURL(data);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = fileName;
  anchor.click();
  // The download has taken its own reference by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
