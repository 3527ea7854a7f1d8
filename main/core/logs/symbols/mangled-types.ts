/** A type is written around what it types: `int (*` name `)(char)`. */
export interface Type {
  left: string;
  right: string;
  /** A template's parameter pack: several types where one is spoken of, each written in its place. */
  pack?: Type[];
}

export function type(left: string): Type {
  return { left, right: '' };
}

export function packed(pack: Type[]): Type {
  return { ...type(listed(pack)), pack };
}

/** A list as it is written: packs come apart, empty ones leave nothing. */
export function listed(types: readonly Type[]): string {
  return types.flatMap(unpacked).map(written).join(', ');
}

function unpacked(one: Type): Type[] {
  return one.pack?.flatMap(unpacked) ?? [one];
}

export function written({ left, right }: Type): string {
  return left + right;
}

/** A member function's qualifiers stand after its parameters. */
export function qualified({ left, right, pack }: Type, words: string): Type {
  if (pack !== undefined) return packed(pack.map((one) => qualified(one, words)));
  if (right.startsWith('(')) return { left, right: right + words };
  return left.endsWith(words) ? { left, right } : { left: left + words, right };
}

/** A pointer or reference to it. Functions and arrays are written around it; references to references collapse. */
export function pointed({ left, right, pack }: Type, sign: string): Type {
  if (pack !== undefined) return packed(pack.map((one) => pointed(one, sign)));
  if (right.startsWith('(') || right.startsWith(' [')) {
    const gap = right.startsWith('(') ? left : `${left} `;
    return { left: `${gap}(${sign}`, right: `)${right}` };
  }
  if (sign.startsWith('&') && left.endsWith('&')) return { left: sign === '&' ? left.replace(/&+$/, '&') : left, right };
  return { left: left + (sign.includes('::') ? ` ${sign}` : sign), right };
}

/** `b` of `a::b<c::d>`: what a constructor is called. */
export function lastPart(text: string): string {
  let depth = 0;
  let from = 0;
  let to = text.length;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (letter === '<' || letter === '(') {
      if (depth++ === 0 && letter === '<') to = index;
    } else if (letter === '>' || letter === ')') depth--;
    else if (depth === 0 && text.startsWith('::', index)) {
      from = index + 2;
      to = text.length;
    }
  }
  return text.slice(from, to);
}
