import type { CheckRun } from '../../../../preload/contract/checks.ts';

/** Grows when a program that reads it would misread the new one; members that are added do not count. */
export const JSON_REPORT_VERSION = 1;

/** The runs as `checks.run` of the contract has them, in an envelope that says what it is. */
export function jsonOfRuns(runs: readonly CheckRun[], { appVersion, madeWallMs }: { appVersion: string; madeWallMs: number }): string {
  const envelope = { format: 'talkbench-check-report', version: JSON_REPORT_VERSION, appVersion, made: new Date(madeWallMs).toISOString() };
  return `${JSON.stringify({ ...envelope, runs }, null, 2)}\n`;
}
