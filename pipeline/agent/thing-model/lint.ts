import type { AgentTool, LintFinding, ThingModel } from '../../../preload/contract/agents.ts';
import { asObject } from '../../json-object.ts';
import { isSecretName, namesSecret } from '../../secret-words.ts';
import { lintSchema } from './lint-schema.ts';
import { numberOf, schemaOfInput, type ThingAction, type ThingDefine, type ThingParameter } from './tools.ts';

export type Report = (finding: LintFinding) => void;

/** What the console takes: no digit first, letters, digits and underscores, at most 32. */
const consoleName = /^[A-Za-z_]\w{0,31}$/u;
const toolName = /^[\w-]{1,64}$/u;
/** Models choose worse the more there are; most services stop at 128. */
const MANY_TOOLS = 64;

/**
 * What is wrong between a thing model and the tools that use it: names, types, enums, ranges, returns, and arguments the two call
 * differently. The documents' own advice (seed 000, 自定义工具) is a warning, what cannot work an error.
 */
export function lint(model: ThingModel, tools: readonly AgentTool[]): LintFinding[] {
  const findings: LintFinding[] = [];
  const report: Report = (finding) => findings.push(finding);
  for (const action of model.actions) lintAction(action, report);
  reportDuplicates(
    model.actions.map(({ id }) => id),
    'actions',
    report,
  );
  for (const tool of tools) lintTool(tool, model, report);
  const configured = tools.filter((tool) => tool.source === 'action');
  const offered = model.actions.filter(({ id }) => configured.every((tool) => tool.name !== id || tool.isOn)).map(({ id }) => id);
  const own = tools.filter((tool) => tool.source !== 'action').map(({ name }) => name);
  reportDuplicates([...new Set(offered), ...own], 'tools', report);
  const count = offered.length + own.length;
  if (count > MANY_TOOLS) report({ severity: 'warning', where: 'tools', code: 'too-many-tools', data: { count, most: MANY_TOOLS } });
  return findings;
}

function lintAction(action: ThingAction, report: Report): void {
  const where = `action ${action.id}`;
  if (!toolName.test(action.id)) report({ severity: 'error', where, code: 'bad-name', data: { name: action.id } });
  else if (!consoleName.test(action.id)) report({ severity: 'warning', where, code: 'bad-name', data: { name: action.id } });
  if (action.desc === '' && action.name === '') report({ severity: 'warning', where, code: 'missing-description', data: {} });
  if (action.output.length === 0) report({ severity: 'warning', where, code: 'no-output', data: {} });
  for (const [side, parameters] of [['input', action.input] as const, ['output', action.output] as const]) {
    for (const parameter of parameters) lintParameter(parameter, `${where} › ${side} ${parameter.id}`, report);
    reportDuplicates(
      parameters.map(({ id }) => id),
      `${where} › ${side}`,
      report,
    );
  }
}

function lintParameter({ id, name, define }: ThingParameter, where: string, report: Report): void {
  if (!consoleName.test(id)) report({ severity: 'warning', where, code: 'bad-name', data: { name: id } });
  if (name === '') report({ severity: 'warning', where, code: 'missing-description', data: {} });
  lintDefine(define, where, report);
}

function lintDefine(define: ThingDefine, where: string, report: Report): void {
  const { type, mapping, min, max } = define;
  const keys = Object.keys(mapping ?? {});
  if (type === 'enum' || type === 'stringenum') {
    if (keys.length === 0) report({ severity: 'error', where, code: 'bad-enum', data: { reason: 'empty' } });
    const bad = type === 'enum' ? keys.filter((key) => !/^-?\d+$/u.test(key)) : [];
    if (bad.length > 0) report({ severity: 'error', where, code: 'bad-enum', data: { reason: 'not-a-number', values: bad } });
  }
  if (type !== 'int' && type !== 'float' && type !== 'string') return;
  for (const [bound, value] of Object.entries({ min, max })) {
    if (value !== undefined && value !== '' && numberOf(value) === undefined) {
      report({ severity: 'error', where, code: 'bad-range', data: { reason: 'not-a-number', bound, value } });
    }
  }
  const [least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY] = [numberOf(min), numberOf(max)];
  if (least > most) report({ severity: 'error', where, code: 'bad-range', data: { reason: 'min-above-max', min: least, max: most } });
}

function lintTool(tool: AgentTool, model: ThingModel, report: Report): void {
  const where = `tool ${tool.name}`;
  if (tool.source === 'action') {
    const action = model.actions.find(({ id }) => id === tool.name);
    if (action === undefined) {
      report({ severity: 'error', where, code: 'unknown-action', data: { name: tool.name, known: model.actions.map(({ id }) => id) } });
    } else if (tool.parameters !== undefined) compare(tool.parameters, action, where, report);
    return;
  }
  if ((tool.source === 'http' || tool.source === 'knowledge') && tool.description.trim() === '') {
    report({ severity: 'warning', where, code: 'missing-description', data: {} });
  }
  if (tool.source !== 'http') return;
  const plain = Object.entries(tool.headers).flatMap(([name, value]) => (isSecretName(name) && !namesSecret(value) ? [name] : []));
  if (plain.length > 0) report({ severity: 'warning', where, code: 'plain-secret', data: { headers: plain } });
  lintSchema(tool.parameters, where, report);
  const known = Object.keys(asObject(tool.parameters.properties) ?? {});
  for (const [, name = ''] of tool.url.matchAll(/(?<!\$)\{([^{}]+)\}/gu)) {
    if (!known.includes(name)) report({ severity: 'error', where, code: 'unknown-argument', data: { name, known } });
  }
}

/** The console's tool beside the action it runs: the board gets what the tool says, and reads it as the action says. */
function compare(parameters: Record<string, unknown>, action: ThingAction, where: string, report: Report): void {
  lintSchema(parameters, where, report);
  const given = asObject(parameters.properties) ?? {};
  const wanted = asObject(schemaOfInput(action.input).properties) ?? {};
  for (const [name, value] of Object.entries(given)) {
    const here = `${where} › ${name}`;
    const property = asObject(value) ?? {};
    const own = asObject(wanted[name]);
    if (own === null) {
      report({ severity: 'error', where: here, code: 'unknown-argument', data: { name, known: Object.keys(wanted) } });
      continue;
    }
    const isNumber = (type: unknown) => type === 'integer' || type === 'number';
    const isSame = property.type === own.type || (isNumber(property.type) && isNumber(own.type));
    if (!isSame) {
      report({ severity: 'error', where: here, code: 'wrong-type', data: { given: property.type ?? null, expected: own.type } });
    }
    const allowed = Array.isArray(own.enum) ? own.enum.map(String) : null;
    const offered = Array.isArray(property.enum) ? property.enum.map(String) : null;
    if (allowed === null || allowed.length === 0) continue;
    const unknown = offered?.filter((word) => !allowed.includes(word)) ?? [];
    if (offered === null) report({ severity: 'warning', where: here, code: 'bad-enum', data: { reason: 'no-enum', expected: allowed } });
    else if (unknown.length > 0) {
      report({ severity: 'error', where: here, code: 'bad-enum', data: { reason: 'unknown-value', values: unknown, expected: allowed } });
    }
  }
  for (const { id, required } of action.input) {
    if (required === false || Object.hasOwn(given, id)) continue;
    report({ severity: 'error', where, code: 'unknown-argument', data: { name: id, reason: 'missing', known: Object.keys(given) } });
  }
}

function reportDuplicates(names: readonly string[], where: string, report: Report): void {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  for (const name of twice) report({ severity: 'error', where, code: 'duplicate-name', data: { name } });
}
