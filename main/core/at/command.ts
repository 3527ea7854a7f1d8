export type AtForm = 'run' | 'read' | 'test' | 'set';

/** One command of a line: '+CEREG' read, '+CGDCONT' set, 'ATI', 'ATE' set '0'. */
export interface AtPart {
  name: string;
  form: AtForm;
  argument: string;
}

/** Taken apart as V.250 §5.2 has it: basic commands follow one another, extended ones are parted by `;` outside quotes. */
export function parseCommand(text: string): AtPart[] {
  const body = /^at(.*)$/is.exec(text.trim())?.[1];
  if (body === undefined) return [{ name: text.trim(), form: 'run', argument: '' }];
  const parts: AtPart[] = [];
  let rest = body;
  while (rest !== '') {
    if (rest.startsWith(';') || rest.startsWith(' ')) {
      rest = rest.slice(1);
      continue;
    }
    const extended = /^([+*^$%#][A-Za-z][\w+/:-]*)((?:"[^"]*"?|[^";])*)/.exec(rest);
    if (extended !== null) {
      parts.push(extendedPart((extended[1] ?? '').toUpperCase(), extended[2] ?? ''));
      rest = rest.slice(extended[0].length);
      continue;
    }
    // A dial string is all that is left of the line, `;` (a voice call) included.
    const basic = /^(?:(D)(.*)|(&?[A-Z])(\d*(?:[=?][^;]*)?))/is.exec(rest);
    if (basic === null) {
      parts.push({ name: rest, form: 'run', argument: '' });
      break;
    }
    const argument = basic[2] ?? basic[4] ?? '';
    parts.push({ name: `AT${(basic[1] ?? basic[3] ?? '').toUpperCase()}`, form: argument === '' ? 'run' : 'set', argument });
    rest = rest.slice(basic[0].length);
  }
  return parts.length === 0 ? [{ name: 'AT', form: 'run', argument: '' }] : parts;
}

function extendedPart(name: string, tail: string): AtPart {
  const argument = tail.trim();
  if (argument === '') return { name, form: 'run', argument: '' };
  if (argument === '?') return { name, form: 'read', argument: '' };
  if (argument === '=?') return { name, form: 'test', argument: '' };
  return { name, form: 'set', argument: argument.replace(/^=/, '') };
}

/** The fields of an answer: `2,1,"4844",,7` is five; quotes are taken off, a bracketed list is one field. */
export function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  let depth = 0;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === ',' && !isQuoted && depth === 0) {
      fields.push(field.trim());
      field = '';
    } else {
      if (!isQuoted && character === '(') depth++;
      if (!isQuoted && character === ')') depth--;
      field += character;
    }
  }
  fields.push(field.trim());
  return fields;
}

/** `+CEREG: 0,1` is named '+CEREG' and says '0,1'. Null for a bare line. */
export function prefixOf(line: string): { name: string; rest: string } | null {
  const found = /^\s*([+*^$%#][A-Za-z][\w ]*?):\s*(.*)$/s.exec(line);
  return found === null ? null : { name: (found[1] ?? '').toUpperCase(), rest: (found[2] ?? '').trim() };
}
