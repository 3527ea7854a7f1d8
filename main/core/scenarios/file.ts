import { TalkError } from '../../../preload/contract/talk-error.ts';
import { checkedLayer } from '../agents/layers.ts';
import { readYaml } from '../quality/suite/yaml-document.ts';
import { type Scenario, scenario } from './schema.ts';

export interface ScenarioFile {
  scenario: Scenario;
  /** Of the n-th expectation. */
  expectationLines: readonly (number | null)[];
}

/** Reads a scenario (docs/scenarios.md). Throws TalkError 'scenario/bad-file' {line?, reason}. */
export function readScenario(text: string): ScenarioFile {
  const file = readYaml(text, scenario, 'scenario');
  const { lineAt } = file;
  const bad = (line: number | null, reason: string) => new TalkError('scenario/bad-file', { ...(line !== null && { line }), reason });
  if (!file.ok) throw bad(file.problems[0]?.line ?? null, file.problems[0]?.reason ?? '');
  const { data } = file;
  for (const [path, layer] of [[['settings'], data.settings] as const, ...data.layers.map((each, i) => [['layers', i], each] as const)]) {
    const problem = checkedLayer(layer).problems[0];
    if (problem !== undefined)
      throw bad(lineAt([...path, ...problem.key.split('.')]), `${[...path, problem.key].join('.')}: ${problem.issue}`);
  }
  data.steps.forEach((step, index) => {
    const problem = 'set' in step ? checkedLayer(step.set).problems[0] : undefined;
    if (problem !== undefined) throw bad(lineAt(['steps', index]), `steps.${index}.set.${problem.key}: ${problem.issue}`);
  });
  return { scenario: data, expectationLines: data.expect.map((_, index) => lineAt(['expect', index])) };
}
