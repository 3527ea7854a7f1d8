import { type SuiteRun, suiteRun } from '../../../../preload/contract/quality.ts';
import { createRedact } from '../../store/redact.ts';
import { redactShaped } from '../../store/redact-shape.ts';

/**
 * A run as it may leave the machine: what was found in sessions is in it, and with that what boards printed. Runs, sessions and their
 * numbers are what they were.
 */
export function redactedRun(run: SuiteRun, secrets: readonly string[]): SuiteRun {
  const redact = createRedact({ includeIdentities: false, secrets });
  const redacted = redactShaped(redact, suiteRun, run) as SuiteRun;
  const cases = redacted.cases.map((each, index) => {
    const given = run.cases[index];
    const turns = each.turns.map((turn, at) => ({ ...turn, parts: given?.turns[at]?.parts ?? {} }));
    return { ...each, turns, sessionId: given?.sessionId ?? null, goldenId: given?.goldenId ?? null };
  });
  return { ...redacted, id: run.id, suiteId: run.suiteId, cases };
}
