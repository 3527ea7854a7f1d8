import { parseDocument } from 'yaml';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type Assertion, metricNamed, statisticNamed } from './assertions.ts';

/**
 * A budget is a file of limits and nothing else, JSON or YAML (JSON is YAML):
 *
 *     v2v: { p50: 800, p95: 1200, n: 20 }
 *     vad_silence: { max: 500 }
 *     unanswered: 0
 *
 * Every number is the most that is allowed, `n` the least. Throws TalkError 'latency/bad-budget' {reason, at?}.
 */
export function parseBudget(text: string): Assertion[] {
  const document = parseDocument(text, { uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw new TalkError('latency/bad-budget', { reason: 'not-yaml', line: fault.linePos?.[0].line ?? 1 });
  // Nobody needs aliases here, and a few lines of them grow without end.
  const content = plainContent(document);
  if (!isRecord(content) || Object.keys(content).length === 0) throw new TalkError('latency/bad-budget', { reason: 'no-limits' });
  return Object.entries(content).flatMap(([name, limits]) => {
    if (name === 'unanswered') return [limitOf('unanswered', 'censored', limits)];
    if (!isRecord(limits)) throw new TalkError('latency/bad-budget', { reason: 'no-statistic', at: name });
    return Object.entries(limits).map(([statistic, limit]) => limitOf(name, statistic, limit));
  });
}

function plainContent(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    throw new TalkError('latency/bad-budget', { reason: 'aliases' });
  }
}

function limitOf(name: string, statisticName: string, limit: unknown): Assertion {
  const at = name === 'unanswered' ? name : `${name}.${statisticName}`;
  const metric = name === 'unanswered' ? 'v2v_device' : metricNamed(name);
  if (metric === undefined) throw new TalkError('latency/bad-budget', { reason: 'metric', at });
  const statistic = statisticNamed(statisticName);
  if (statistic === undefined) throw new TalkError('latency/bad-budget', { reason: 'statistic', at });
  if (typeof limit !== 'number' || !Number.isFinite(limit)) throw new TalkError('latency/bad-budget', { reason: 'number', at });
  const comparator = statistic.kind === 'n' ? '>=' : '<=';
  return { text: `${at}${comparator}${limit}`, metric, statistic, comparator, limit };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
