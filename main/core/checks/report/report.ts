import type { CheckEvidence, CheckResult, CheckRun } from '../../../../preload/contract/checks.ts';
import { csvOfRuns } from './csv.ts';
import type { ReportSound } from './evidence.ts';
import { htmlOfRuns } from './html.ts';
import { jsonOfRuns } from './json.ts';
import { leavingRun } from './redaction.ts';

/** Sound of all runs together; mail takes a third more in base64. */
export const CHECK_REPORT_SOUND_LIMIT_BYTES = 24 << 20;

/** An HTML file that needs nothing else, as PDF. Throws TalkError 'report/no-printer', 'timeout', 'cancelled'. */
export type PrintPdf = (page: string, signal?: AbortSignal) => Promise<Uint8Array>;

export interface ReportOptions {
  format: 'html' | 'pdf' | 'csv' | 'json';
  language: 'en' | 'zh';
  /** A WAV kept with a run; null where it is no longer. */
  sound: (runId: string, id: string) => Promise<Uint8Array | null>;
  /** Never told, whatever a board printed. */
  secrets: readonly string[];
  printPdf: PrintPdf;
  appVersion: string;
  madeWallMs: number;
  soundLimitBytes?: number;
  signal?: AbortSignal;
}

/** The runs in the order given, as a file for people or programs: docs/checks.md. Throws what `printPdf` throws. */
export async function reportOf(given: readonly CheckRun[], options: ReportOptions): Promise<{ fileName: string; data: Uint8Array }> {
  const { format, language, secrets, appVersion, madeWallMs, soundLimitBytes = CHECK_REPORT_SOUND_LIMIT_BYTES } = options;
  const runs = given.map((run) => leavingRun(run, secrets));
  const fileName = `${fileStem(runs, madeWallMs)}.${format}`;
  const page = { language, appVersion, madeWallMs, soundLimitBytes };
  switch (format) {
    case 'csv':
      return { fileName, data: Buffer.from(csvOfRuns(runs)) };
    case 'json':
      return { fileName, data: Buffer.from(jsonOfRuns(runs, { appVersion, madeWallMs })) };
    case 'html': {
      // As the runs call them: an id is not among what is redacted.
      const sounds = await soundsOf(given, options.sound, soundLimitBytes);
      const sound = (runId: string, id: string): ReportSound => sounds.get(soundKey(runId, id)) ?? 'gone';
      return { fileName, data: Buffer.from(htmlOfRuns(runs, { ...page, sound, isPrinted: false })) };
    }
    case 'pdf':
      return {
        fileName,
        data: await options.printPdf(htmlOfRuns(runs, { ...page, sound: () => 'printed', isPrinted: true }), options.signal),
      };
  }
}

type Sound = Extract<CheckEvidence, { kind: 'sound' }>;

/** What fits, beginning with what failed: that is what somebody will want to hear. */
async function soundsOf(runs: readonly CheckRun[], read: ReportOptions['sound'], limitBytes: number): Promise<Map<string, ReportSound>> {
  const isUrgent = ({ state }: CheckResult) => state === 'failed' || state === 'person';
  const kept = (run: CheckRun, results: readonly CheckResult[]) =>
    results.flatMap(({ evidence }) =>
      evidence.filter((one): one is Sound => one.kind === 'sound').map(({ id }) => ({ runId: run.id, id })),
    );
  const wanted = [
    ...runs.flatMap((run) => kept(run, run.results.filter(isUrgent))),
    ...runs.flatMap((run) =>
      kept(
        run,
        run.results.filter((result) => !isUrgent(result)),
      ),
    ),
  ];
  const sounds = new Map<string, ReportSound>();
  let leftBytes = limitBytes;
  for (const { runId, id } of wanted) {
    const key = soundKey(runId, id);
    if (sounds.has(key)) continue;
    const wav = await read(runId, id);
    if (wav === null) sounds.set(key, 'gone');
    else if (wav.byteLength > leftBytes) sounds.set(key, 'too-large');
    else {
      sounds.set(key, wav);
      leftBytes -= wav.byteLength;
    }
  }
  return sounds;
}

function soundKey(runId: string, id: string): string {
  return JSON.stringify([runId, id]);
}

/** Of what every file system takes. */
function fileStem(runs: readonly CheckRun[], madeWallMs: number): string {
  const [only] = runs;
  const day = new Date(madeWallMs).toISOString().slice(0, 10);
  if (runs.length !== 1 || only === undefined) return `checks-${day}-${runs.length}`;
  const name = only.serialNumber
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `check-${name === '' ? only.id.slice(0, 8) : name}-${new Date(only.startedWallMs).toISOString().slice(0, 10)}`;
}
