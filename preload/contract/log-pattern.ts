import type { LogPattern } from './logs.ts';
import { TalkError } from './talk-error.ts';

/**
 * The expression of a pattern, for testing (no flags) or for marking (`flags` 'g'). One definition, so that what is found and what is
 * marked are the same. Throws TalkError 'bad-request' with the expression's fault.
 */
export function compilePattern(pattern: LogPattern, flags = ''): RegExp {
  const source = pattern.isRegexp ? pattern.text : pattern.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const all = `${pattern.isCaseSensitive ? '' : 'i'}${flags}`;
  try {
    return new RegExp(source, `${all}u`);
  } catch {
    // Unicode mode refuses harmless escapes such as \- that people type.
  }
  try {
    return new RegExp(source, all);
  } catch (error) {
    throw new TalkError('bad-request', { issues: [{ path: 'pattern.text', message: String(error) }] }, { cause: error });
  }
}
