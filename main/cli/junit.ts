import { junitXml } from '../core/quality/report/junit.ts';
import type { ScenarioResult } from './commands/scenario.ts';

/** Scenarios as JUnit XML: a suite each, with a case for each of its checks. */
export function junitOf(results: readonly ScenarioResult[]): string {
  return junitXml(
    results.map(({ file, report, error }) => {
      if (report === null) {
        const message = `${error?.code ?? 'unknown'} ${JSON.stringify(error?.data ?? {})}`;
        return { name: file, seconds: 0, cases: [{ name: 'runs', className: file, error: { message } }] };
      }
      const cases = report.checks.map(({ text, line, isMet, found }) => ({
        name: `${text}${line === null ? '' : ` (line ${line})`}`,
        className: file,
        ...(isMet ? {} : { failure: { message: `found ${found}` } }),
      }));
      return { name: report.name, seconds: report.durationMs / 1000, cases };
    }),
  );
}
